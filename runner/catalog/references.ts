/**
 * What in a catalog file refers to what. Works on a file that its schema refuses too, so that every mistake is listed
 * at once: what is not readable as it should be is passed over here.
 */
import { z } from "zod";
import { type KnownName, suggestion } from "../text/nearest.ts";
import { sameName } from "../text/utf8.ts";
import { shortName } from "./city-name.ts";
import { readFacet } from "./facet.ts";
import type { Path } from "./positions.ts";
import type { Problem } from "./problems.ts";

const names = z.array(z.unknown()).catch([]);
const keyed = z.record(z.string(), z.unknown()).catch({});
const strings = z.string().catch("");

const LooseFile = z.object({
  cities: z.array(z.object({ code: strings, name: strings }).catch({ code: "", name: "" })).catch([]),
  scenarios: keyed,
  dimensions: z.record(z.string(), names).catch({}),
  outcomes: z.record(z.string(), z.object({ dimensions: names }).catch({ dimensions: [] })).catch({}),
  statistics: keyed,
  presets: z
    .record(
      z.string(),
      z
        .object({ cities: names, scenarios: names, outcomes: names, statistics: names, facets: names })
        .catch({ cities: [], scenarios: [], outcomes: [], statistics: [], facets: [] }),
    )
    .catch({}),
});

/** Unknown names, things listed twice, and names that would fall together. */
export function referenceProblems(value: unknown): Problem[] {
  const loose = LooseFile.safeParse(value);
  // not even a mapping: the schema has said so
  if (!loose.success) return [];
  const file = loose.data;
  const dimensions = Object.keys(file.dimensions);
  const cities = file.cities.filter(({ code }) => code !== "");
  const known: Record<"city" | "scenario" | "outcome" | "statistic" | "dimension", KnownName[]> = {
    city: cities.map(({ code, name }) => ({ name: code, aliases: [name, shortName(name)] })),
    scenario: named(file.scenarios),
    outcome: named(file.outcomes),
    statistic: named(file.statistics),
    dimension: dimensions.map((name) => ({ name })),
  };

  const problems: Problem[] = [];
  const refer = (what: keyof typeof known, path: Path, items: readonly unknown[]): void => {
    problems.push(...repeated(path, items));
    const valid = known[what];
    // where there are none at all, that is the mistake, and it has been reported
    if (valid.length === 0 && what !== "dimension") return;
    for (const [place, item] of items.entries()) {
      if (typeof item !== "string" || valid.some(({ name }) => name === item)) continue;
      problems.push({ path: [...path, place], text: `unknown ${what} "${item}"${suggestion(item, valid)}` });
    }
  };

  problems.push(
    ...repeated(
      ["cities"],
      file.cities.map(({ code }) => code),
      "code",
    ),
  );
  for (const [id, strata] of Object.entries(file.dimensions)) {
    problems.push(...repeated(["dimensions", id], strata.map(stratumId)));
  }
  for (const [id, outcome] of Object.entries(file.outcomes)) {
    refer("dimension", ["outcomes", id, "dimensions"], outcome.dimensions);
  }
  for (const [id, preset] of Object.entries(file.presets)) {
    refer("city", ["presets", id, "cities"], preset.cities);
    refer("scenario", ["presets", id, "scenarios"], preset.scenarios);
    refer("outcome", ["presets", id, "outcomes"], preset.outcomes);
    refer("statistic", ["presets", id, "statistics"], preset.statistics);
    problems.push(...facetProblems(["presets", id, "facets"], preset.facets, dimensions));
  }
  problems.push(...fallingTogether(Object.keys(file.outcomes), Object.keys(file.statistics)));
  return problems;
}

/** A stratum is listed as its identifier, or as a mapping that has it. */
function stratumId(stratum: unknown): unknown {
  const mapping = z.object({ id: z.string() }).safeParse(stratum);
  return mapping.success ? mapping.data.id : stratum;
}

function named(record: Readonly<Record<string, unknown>>): KnownName[] {
  return Object.entries(record).map(([name, shown]) => ({ name, aliases: typeof shown === "string" ? [shown] : [] }));
}

function repeated(path: Path, items: readonly unknown[], field?: string): Problem[] {
  return items.flatMap((item, place) => {
    if (typeof item !== "string" || item === "") return [];
    const before = items.findIndex((other) => typeof other === "string" && sameName(other, item));
    if (before === place) return [];
    const at = [...path, place, ...(field === undefined ? [] : [field])];
    return [{ path: at, text: `"${item}" is listed twice (item ${before} is the first)` }];
  });
}

function facetProblems(path: Path, facets: readonly unknown[], dimensions: readonly string[]): Problem[] {
  const seen = new Map<string, number>();
  return facets.flatMap((item, place): Problem[] => {
    if (typeof item !== "string" && item !== null) return [];
    const reading = readFacet(item, dimensions);
    if ("problem" in reading) return [{ path: [...path, place], text: reading.problem }];
    const before = seen.get(reading.facet);
    seen.set(reading.facet, before ?? place);
    if (before === undefined) return [];
    return [{ path: [...path, place], text: `facet ${reading.facet} is listed twice (item ${before} is the first)` }];
  });
}

/** A plot's file is named `<outcome>_<statistic>_…`: two pairs that read alike would overwrite each other. */
function fallingTogether(outcomes: readonly string[], statistics: readonly string[]): Problem[] {
  const seen = new Map<string, string>();
  return outcomes.flatMap((outcome) =>
    statistics.flatMap((statistic): Problem[] => {
      const name = `${outcome}_${statistic}`;
      const before = seen.get(name);
      seen.set(name, before ?? `${outcome} with ${statistic}`);
      if (before === undefined) return [];
      const text = `${outcome} with ${statistic} and ${before} would share the file name ${name}; rename one of them`;
      return [{ path: ["outcomes", outcome], key: true, text }];
    }),
  );
}
