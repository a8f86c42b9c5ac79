/** Writes job files, which tell the program what to draw (see the batch contract). */
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
 * The job file for these plots. It also contains the part of the catalog that they need (names, units, strata); a program
 * may ignore that part.
 * @returns JSON, one job to a line. It is YAML too, which parsers of YAML 1.1 and 1.2 read alike: all texts are quoted
 */
export function jobFile(catalog: Catalog, plots: readonly PlotId[]): string {
  const jobs = jobBlocks(catalog, plots);
  const expected = jobs.reduce((sum, block) => sum + plotsOf(block), 0);
  const used = usedCatalog(catalog, plots).map(([key, value]) => `    ${json(key)}: ${json(value)}`);
  const text = [
    "{",
    `  "jobs": [\n${jobs.map((job) => `    ${json(job)}`).join(",\n")}\n  ],`,
    `  "expected_plots": ${expected},`,
    `  "catalog": {\n${used.join(",\n")}\n  }`,
    "}\n",
  ].join("\n");
  return escapeLetters(text);
}

/** JSON on one line, with blanks after `:` and `,`, which YAML needs. Maps are objects. */
function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}: ${json(entry)}`).join(", ")}}`;
}

/**
 * Writes letters beyond ASCII as `\u00B0`, since R in the C locale reads no others. Only those beyond U+FFFF stay:
 * JSON and YAML write them differently.
 */
function escapeLetters(text: string): string {
  return text.replaceAll(/[\u007f-\uffff]/gu, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
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

/** Maps keep the order of their keys; objects would put those that look like whole numbers first. */
function usedCatalog(catalog: Catalog, plots: readonly PlotId[]): (readonly [string, unknown])[] {
  const cities = chosen(catalog.cities, new Set(plots.map(({ city }) => city)));
  const scenarios = chosen(catalog.scenarios, new Set(plots.map(({ scenario }) => scenario)));
  const outcomes = chosen(catalog.outcomes, new Set(plots.map(({ outcome }) => outcome)));
  const dimensions = chosen(catalog.dimensions, new Set(outcomes.flatMap(([, outcome]) => outcome.dimensions)));
  const strataNames = dimensions.flatMap(([id, { strataNames }]) =>
    strataNames === undefined ? [] : [[id, strataNames] as const],
  );
  return [
    ["model", catalog.model],
    ["cities", new Map(cities.map(([id, { name }]) => [id, name]))],
    ["scenarios", new Map(scenarios.map(([id, { name }]) => [id, name]))],
    [
      "outcomes",
      new Map(outcomes.map(([id, { name, unit, kind, dimensions }]) => [id, { name, unit, kind, dimensions }])),
    ],
    ["dimensions", new Map(dimensions.map(([id, { strata }]) => [id, strata ?? null]))],
    ...(strataNames.length === 0 ? [] : [["strata_names", new Map(strataNames)] as const]),
    ["limits", { points: catalog.limits.points, bytes: catalog.limits.bytes }],
  ];
}

function chosen<Id, Entry>(all: ReadonlyMap<Id, Entry>, used: ReadonlySet<Id>): [Id, Entry][] {
  return [...all].filter(([id]) => used.has(id));
}
