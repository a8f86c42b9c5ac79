/** Reads a catalog file. All problems in it are reported together, each with its place and what was expected. */
import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { DimensionId, OutcomeId, ScenarioId, StatisticId } from "../domain.ts";
import { messageOf, systemCode, UsageError } from "../errors.ts";
import { decodeUtf8, NotUtf8 } from "../text/utf8.ts";
import type { Catalog, Dimension, Selection } from "./catalog.ts";
import { shortName } from "./city-name.ts";
import { allFacets, readFacet } from "./facet.ts";
import { type PositionedYaml, readPositionedYaml } from "./positions.ts";
import { type Problem, problemLines, schemaProblems } from "./problems.ts";
import { referenceProblems } from "./references.ts";
import { CatalogFile } from "./schema.ts";

/**
 * Reads and validates a catalog file.
 * @throws UsageError that lists every problem as `file:line:column: path: what is wrong`
 */
export async function loadCatalog(file: string): Promise<Catalog> {
  return parseCatalog(decode(await bytesOf(file), file), file);
}

/**
 * Parses and validates the text of a catalog.
 * @param file name of the file, for messages
 * @throws UsageError that lists every problem, like {@link loadCatalog}
 */
export function parseCatalog(text: string, file: string): Catalog {
  const yaml = readPositionedYaml(text);
  if (yaml.errors.length > 0) {
    throw refusal(
      file,
      yaml.errors.map(({ line, column, text }) => `${file}:${line}:${column}: not YAML: ${text}`),
    );
  }
  if (yaml.value === null || yaml.value === undefined) throw new UsageError(`catalog ${file} is empty`);

  const parsed = CatalogFile.safeParse(yaml.value, { reportInput: true });
  const problems: Problem[] = [
    ...(parsed.success ? [] : schemaProblems(parsed.error.issues)),
    ...referenceProblems(yaml.value),
  ];
  if (!parsed.success || problems.length > 0) throw refusal(file, problemLines(file, yaml, problems));
  return build(parsed.data, yaml);
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return decodeUtf8(bytes).text;
  } catch (thrown) {
    if (!(thrown instanceof NotUtf8)) throw thrown;
    const { line, column } = thrown.place;
    throw new UsageError(`${file}:${line}:${column}: the catalog ${thrown.message}; save the file as UTF-8`);
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (thrown) {
    const remedy = "name a catalog with --catalog FILE";
    switch (systemCode(thrown)) {
      case "ENOENT":
        throw new UsageError(`catalog ${file} does not exist; ${remedy}`);
      case "EISDIR":
        throw new UsageError(`catalog ${file} is a directory; ${remedy}`);
      default:
        throw new UsageError(`catalog ${file} can't be read: ${messageOf(thrown)}`);
    }
  }
}

function refusal(file: string, lines: readonly string[]): UsageError {
  if (lines.length === 1) return new UsageError(lines.join(""));
  return new UsageError([`${lines.length} problems in catalog ${file}`, ...lines].join("\n"));
}

function build(file: CatalogFile, yaml: PositionedYaml): Catalog {
  const cities = new Map(
    file.cities.map(({ code, name, coordinates, population }) => [
      code,
      {
        code,
        name,
        shortName: shortName(name),
        ...(coordinates === undefined ? {} : { coordinates }),
        ...(population === undefined ? {} : { population }),
      },
    ]),
  );
  // in the order of the file: JavaScript puts keys that look like whole numbers first
  const inOrder = <Value>(section: string, record: Readonly<Record<string, Value>>): [string, Value][] =>
    Object.entries(record).toSorted(
      ([one], [other]) => yaml.offset([section, one], true) - yaml.offset([section, other], true),
    );
  const scenarios = keyed(ScenarioId, inOrder("scenarios", file.scenarios), (id, name) => ({ id, name }));
  const outcomes = keyed(OutcomeId, inOrder("outcomes", file.outcomes), (id, outcome) => ({ id, ...outcome }));
  const statistics = keyed(StatisticId, inOrder("statistics", file.statistics), (id, name) => ({ id, name }));
  const dimensions = keyed(DimensionId, inOrder("dimensions", file.dimensions), (id, strata) => ({
    id,
    ...readStrata(strata),
  }));
  const dimensionIds = [...dimensions.keys()];
  const facets = allFacets(dimensionIds);

  const presets = new Map<string, Selection>();
  for (const [name, lists] of Object.entries(file.presets)) {
    const wanted = lists.facets === "all" ? "all" : lists.facets.map((facet) => readFacet(facet, dimensionIds));
    presets.set(name, {
      cities: choose(cities.keys(), lists.cities),
      scenarios: choose(scenarios.keys(), lists.scenarios),
      outcomes: choose(outcomes.keys(), lists.outcomes),
      statistics: choose(statistics.keys(), lists.statistics),
      facets: choose(facets, wanted === "all" ? "all" : wanted.flatMap((it) => ("facet" in it ? [it.facet] : []))),
    });
  }
  return {
    model: file.model,
    cities,
    scenarios,
    outcomes,
    dimensions,
    statistics,
    facets,
    limits: file.limits,
    presets,
  };
}

/** Separates identifiers and display names of strata; a listed stratum has an identifier and may have a name. */
function readStrata(listed: CatalogFile["dimensions"][DimensionId]): Pick<Dimension, "strata" | "strataNames"> {
  if (listed === null) return {};
  const strata = listed.map((stratum) => (typeof stratum === "string" ? stratum : stratum.id));
  const named = listed.flatMap((stratum) => (typeof stratum === "string" ? [] : [[stratum.id, stratum.name] as const]));
  return named.length === 0 ? { strata } : { strata, strataNames: new Map(named) };
}

function keyed<Schema extends z.ZodType, Value, Entry>(
  schema: Schema,
  record: readonly (readonly [string, Value])[],
  entry: (id: z.output<Schema>, value: Value) => Entry,
): Map<z.output<Schema>, Entry> {
  return new Map(
    record.map(([key, value]) => {
      const id = schema.parse(key);
      return [id, entry(id, value)];
    }),
  );
}

/** The chosen items in the catalog's order; the preset's order does not matter. */
function choose<Id extends string>(all: Iterable<Id>, wanted: "all" | readonly string[]): Id[] {
  return [...all].filter((id) => wanted === "all" || wanted.includes(id));
}
