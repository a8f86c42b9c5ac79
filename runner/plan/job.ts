/** Writes job files, which tell the R image what to draw (see the batch contract). */
import { Document, isCollection, isMap, isPair, Scalar, visit } from "yaml";
import type { Catalog } from "../catalog/catalog.ts";
import type { CityCode, FacetId, OutcomeId, PlotId, ScenarioId, StatisticId } from "../domain.ts";

/** All combinations of these lists, for one city. */
export interface JobBlock {
  readonly city: CityCode;
  readonly scenarios: readonly ScenarioId[];
  readonly outcomes: readonly OutcomeId[];
  readonly statistics: readonly StatisticId[];
  readonly facets: readonly FacetId[];
}

type List = "scenarios" | "outcomes" | "statistics" | "facets";

/**
 * Combines plots into few blocks that contain each plot exactly once. Merges blocks that differ in one list only: first
 * by facets, then by statistics, outcomes and scenarios. A whole city becomes one block per set of dimensions.
 */
export function jobBlocks(catalog: Catalog, plots: readonly PlotId[]): JobBlock[] {
  let blocks = plots.map(
    ({ city, scenario, outcome, statistic, facet }): JobBlock => ({
      city,
      scenarios: [scenario],
      outcomes: [outcome],
      statistics: [statistic],
      facets: [facet],
    }),
  );
  blocks = merge(blocks, "facets", catalog.facets);
  blocks = merge(blocks, "statistics", [...catalog.statistics.keys()]);
  blocks = merge(blocks, "outcomes", [...catalog.outcomes.keys()]);
  return merge(blocks, "scenarios", [...catalog.scenarios.keys()]);
}

/**
 * The job file for these plots. It also contains the part of the catalog that they need (names, units, strata); an image
 * may ignore that part.
 * @returns YAML, one job to a line, that parsers of YAML 1.1 and 1.2 read alike
 */
export function jobFile(catalog: Catalog, plots: readonly PlotId[]): string {
  const jobs = jobBlocks(catalog, plots);
  const expected = jobs.reduce((sum, block) => sum + plotsOf(block), 0);
  const document = new Document(
    { jobs, expected_plots: expected, catalog: usedCatalog(catalog, plots) },
    // no `&a1` for lists that occur twice
    { aliasDuplicateObjects: false },
  );
  oneLineEach(document.get("jobs"));
  const used = document.get("catalog");
  if (isMap(used)) for (const { value } of used.items) oneLineEach(value);
  return inAscii(document);
}

/**
 * Texts that the common parsers of YAML 1.1 and 1.2 (R's, Python's) read as text without quotes: they begin with a
 * letter and are not a word for a boolean or null. All others are quoted: `1.10`, `010`, `0x1F`, `1:30`, `~`, `<<`.
 */
const mayBePlain = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][ -~]*$/i;

/**
 * YAML in ASCII in which every text is read back unchanged. Other letters are escaped (`"\u00B0C"`), because R in the C
 * locale reads ASCII only.
 */
function inAscii(document: Document): string {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && !mayBePlain.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 }).replaceAll(/[\u0080-\u{10ffff}]/gu, (letter) => {
    const code = (letter.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** Merges blocks that are equal except for one list; the merged list is in the catalog's order. */
function merge<Key extends List>(blocks: readonly JobBlock[], list: Key, order: JobBlock[Key]): JobBlock[] {
  const alike = new Map<string, { readonly block: JobBlock; readonly items: Set<string> }>();
  for (const block of blocks) {
    const key = JSON.stringify({ ...block, [list]: [] });
    const group = alike.get(key) ?? { block, items: new Set() };
    for (const item of block[list]) group.items.add(item);
    alike.set(key, group);
  }
  return [...alike.values()].map(({ block, items }) => ({ ...block, [list]: order.filter((item) => items.has(item)) }));
}

function plotsOf({ scenarios, outcomes, statistics, facets }: JobBlock): number {
  return scenarios.length * outcomes.length * statistics.length * facets.length;
}

/** Uses maps, which keep the order of keys; an object puts keys that look like whole numbers first. */
function usedCatalog(catalog: Catalog, plots: readonly PlotId[]) {
  const cities = chosen(catalog.cities, new Set(plots.map(({ city }) => city)));
  const scenarios = chosen(catalog.scenarios, new Set(plots.map(({ scenario }) => scenario)));
  const outcomes = chosen(catalog.outcomes, new Set(plots.map(({ outcome }) => outcome)));
  const dimensions = chosen(catalog.dimensions, new Set(outcomes.flatMap(([, outcome]) => outcome.dimensions)));
  const strataNames = dimensions.flatMap(([id, { strataNames }]) =>
    strataNames === undefined ? [] : [[id, strataNames] as const],
  );
  return {
    model: catalog.model,
    cities: new Map(cities.map(([id, { name }]) => [id, name])),
    scenarios: new Map(scenarios.map(([id, { name }]) => [id, name])),
    outcomes: new Map(outcomes.map(([id, { name, unit, kind, dimensions }]) => [id, { name, unit, kind, dimensions }])),
    dimensions: new Map(dimensions.map(([id, { strata }]) => [id, strata ?? null])),
    ...(strataNames.length === 0 ? {} : { strata_names: new Map(strataNames) }),
    limits: { points: catalog.limits.points, bytes: catalog.limits.bytes },
  };
}

function chosen<Id, Entry>(all: ReadonlyMap<Id, Entry>, used: ReadonlySet<Id>): [Id, Entry][] {
  return [...all].filter(([id]) => used.has(id));
}

/** Writes each entry of a collection on one line, in flow style. */
function oneLineEach(collection: unknown): void {
  if (!isCollection(collection)) return;
  for (const item of collection.items) {
    const entry = isPair(item) ? item.value : item;
    if (isCollection(entry)) entry.flow = true;
  }
}
