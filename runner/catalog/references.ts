/**
 * Checks the references within a catalog file: unknown names, duplicates, and names that collide. Reads files that the
 * schema refuses too, so that all problems are listed at once; parts of the wrong type are left to the schema.
 */
import { z } from "zod";
import { type KnownName, suggestion } from "../text/nearest.ts";
import { sameName } from "../text/utf8.ts";
import { shortName } from "./city-name.ts";
import { readFacet } from "./facet.ts";
import type { Path } from "./positions.ts";
import type { Problem } from "./problems.ts";

const mapping = z.record(z.string(), z.unknown()).catch({});
const list = z.array(z.unknown()).catch([]);
const string = z.string().catch("");

type Kind = "city" | "scenario" | "outcome" | "statistic" | "dimension";

/** The lists of a preset, and what each names. Its facets are checked by themselves. */
const presetLists = { cities: "city", scenarios: "scenario", outcomes: "outcome", statistics: "statistic" } as const;

/** @param value the file's content, as the YAML parser returns it */
export function referenceProblems(value: unknown): Problem[] {
  const file = mapping.parse(value);
  const section = (name: string) => mapping.parse(file[name]);
  const cities = list.parse(file["cities"]).map((city) => mapping.parse(city));
  const codes = cities.map(({ code }) => code);
  const dimensions = Object.keys(section("dimensions"));
  const known: Record<Kind, KnownName[]> = {
    city: cities.flatMap(({ code, name }) => {
      const aliases = [string.parse(name), shortName(string.parse(name))];
      return typeof code === "string" && code !== "" ? [{ name: code, aliases }] : [];
    }),
    scenario: named(section("scenarios")),
    outcome: named(section("outcomes")),
    statistic: named(section("statistics")),
    dimension: dimensions.map((name) => ({ name })),
  };
  const references = (what: Kind, path: Path, items: readonly unknown[]): Problem[] => {
    // a section without any names is a problem of the schema
    const comparable = known[what].length > 0 || what === "dimension";
    const unknown = items.flatMap((item, place) => {
      if (!comparable || typeof item !== "string" || known[what].some(({ name }) => name === item)) return [];
      return [{ path: [...path, place], text: `unknown ${what} "${item}"${suggestion(item, known[what])}` }];
    });
    return [...repeated(path, items), ...unknown];
  };
  const lists = Object.entries(presetLists);

  return [
    ...repeated(["cities"], codes, "code"),
    ...Object.entries(section("dimensions")).flatMap(([id, strata]) =>
      repeated(["dimensions", id], list.parse(strata).map(stratumId)),
    ),
    ...Object.entries(section("outcomes")).flatMap(([id, outcome]) =>
      references("dimension", ["outcomes", id, "dimensions"], list.parse(mapping.parse(outcome)["dimensions"])),
    ),
    ...Object.entries(section("presets")).flatMap(([id, preset]) => {
      const chosen = mapping.parse(preset);
      return [
        ...lists.flatMap(([name, what]) => references(what, ["presets", id, name], list.parse(chosen[name]))),
        ...facetProblems(["presets", id, "facets"], list.parse(chosen["facets"]), dimensions),
      ];
    }),
    ...collisions(Object.keys(section("outcomes")), Object.keys(section("statistics"))),
  ];
}

/** The identifier of a stratum, which is listed as a text or as a mapping with `id`. */
function stratumId(stratum: unknown): unknown {
  return typeof stratum === "string" ? stratum : mapping.parse(stratum)["id"];
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

/** A plot's file is named `<outcome>_<statistic>_…`, so two pairs of the same name would overwrite each other. */
function collisions(outcomes: readonly string[], statistics: readonly string[]): Problem[] {
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
