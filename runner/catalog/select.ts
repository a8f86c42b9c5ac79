/** Resolves the combinations that a run covers: a preset whose lists the command line may replace. */
import type { CityCode, FacetId } from "../domain.ts";
import { UsageError } from "../errors.ts";
import type { RunRequest } from "../records.ts";
import { type KnownName, suggestion } from "../text/nearest.ts";
import { sameName } from "../text/utf8.ts";
import type { Catalog, Selection } from "./catalog.ts";
import { applicableFacets, readFacet } from "./facet.ts";

/** Lists as typed on the command line. If one is absent or empty, the preset's list applies. */
export interface RawOnly {
  readonly cities?: readonly string[] | undefined;
  readonly scenarios?: readonly string[] | undefined;
  readonly outcomes?: readonly string[] | undefined;
  readonly statistics?: readonly string[] | undefined;
  readonly facets?: readonly string[] | undefined;
}

export interface ResolvedSelection {
  readonly selection: Selection;
  /** The command line's lists in canonical spelling and order, as stored in the ledger. */
  readonly only: RunRequest["only"];
}

/**
 * Resolves a preset and the command line's lists to a selection in the catalog's order, without duplicates. A city may be
 * named by its short name.
 * @throws UsageError that lists every unknown name with the nearest valid one, or if no combination can be drawn
 */
export function resolveSelection(catalog: Catalog, preset: string, only: RawOnly = {}): ResolvedSelection {
  const problems: string[] = [];
  const base = catalog.presets.get(preset);
  if (base === undefined) problems.push(`unknown preset "${preset}"${suggestion(preset, catalog.presets.keys())}`);

  const cities = choose(only.cities, catalog.cities.keys(), (text) => findCity(catalog, text), problems);
  const scenarios = choose(only.scenarios, catalog.scenarios.keys(), finder("scenario", catalog.scenarios), problems);
  const outcomes = choose(only.outcomes, catalog.outcomes.keys(), finder("outcome", catalog.outcomes), problems);
  const statistics = choose(
    only.statistics,
    catalog.statistics.keys(),
    finder("statistic", catalog.statistics),
    problems,
  );
  const facets = choose(only.facets, catalog.facets, (text) => findFacet(catalog, text), problems);
  if (base === undefined || problems.length > 0) throw new UsageError(problems.join("\n"));

  const selection: Selection = {
    cities: cities ?? base.cities,
    scenarios: scenarios ?? base.scenarios,
    outcomes: outcomes ?? base.outcomes,
    statistics: statistics ?? base.statistics,
    facets: facets ?? base.facets,
  };
  refuseNothing(catalog, selection);
  return {
    selection,
    only: {
      ...(cities === undefined ? {} : { cities }),
      ...(scenarios === undefined ? {} : { scenarios }),
      ...(outcomes === undefined ? {} : { outcomes }),
      ...(statistics === undefined ? {} : { statistics }),
      ...(facets === undefined ? {} : { facets }),
    },
  };
}

type Lookup<Id> = { readonly found: Id } | { readonly problem: string };

function choose<Id>(
  asked: readonly string[] | undefined,
  all: Iterable<Id>,
  find: (text: string) => Lookup<Id>,
  problems: string[],
): Id[] | undefined {
  if (asked === undefined || asked.length === 0) return undefined;
  const wanted = new Set<Id>();
  for (const text of asked) {
    const result = find(text.trim());
    if ("found" in result) wanted.add(result.found);
    else problems.push(result.problem);
  }
  return [...all].filter((id) => wanted.has(id));
}

function finder<Id extends string>(
  what: string,
  known: ReadonlyMap<Id, { readonly name: string }>,
): (text: string) => Lookup<Id> {
  return (text) => {
    for (const id of known.keys()) if (id === text) return { found: id };
    const names = [...known].map(([id, { name }]): KnownName => ({ name: id, aliases: [name] }));
    return { problem: `unknown ${what} "${text}"${suggestion(text, names)}` };
  };
}

function findCity(catalog: Catalog, text: string): Lookup<CityCode> {
  for (const code of catalog.cities.keys()) if (code === text) return { found: code };
  const matching = [...catalog.cities.values()].filter(({ name, shortName }) =>
    [name, shortName].some((known) => sameName(known.toLowerCase(), text.toLowerCase())),
  );
  const [first, ...others] = matching;
  if (first !== undefined && others.length === 0) return { found: first.code };
  if (first !== undefined) {
    const codes = matching.map(({ code, name }) => `${code} (${name})`).join(", ");
    return { problem: `"${text}" is the name of several cities; give a code: ${codes}` };
  }
  const names = [...catalog.cities.values()].map(
    ({ code, name, shortName }): KnownName => ({ name: `${code} (${shortName})`, aliases: [code, name, shortName] }),
  );
  return { problem: `unknown city "${text}"${suggestion(text, names)}` };
}

function findFacet(catalog: Catalog, text: string): Lookup<FacetId> {
  const reading = readFacet(text, [...catalog.dimensions.keys()]);
  return "facet" in reading ? { found: reading.facet } : reading;
}

/** Refuses a selection without any plot; its run would succeed without doing anything. */
function refuseNothing(catalog: Catalog, { outcomes, facets }: Selection): void {
  if (outcomes.some((outcome) => applicableFacets(catalog, outcome, facets).length > 0)) return;
  const lines = outcomes.map((outcome) => {
    const dimensions = catalog.outcomes.get(outcome)?.dimensions ?? [];
    return `  ${outcome} is broken down by ${dimensions.length === 0 ? "nothing" : dimensions.join(", ")}`;
  });
  throw new UsageError(
    [`nothing to draw: no outcome asked for has the facet ${facets.join(" or ")}`, ...lines].join("\n"),
  );
}
