/** Which combinations a run covers: a preset, with lists from the command line in place of its own. */
import type { CityCode, FacetId } from "../domain.ts";
import { UsageError } from "../errors.ts";
import type { RunRequest } from "../records.ts";
import { type KnownName, suggestion } from "../text/nearest.ts";
import { sameName } from "../text/utf8.ts";
import type { Catalog, Selection } from "./catalog.ts";
import { applicableFacets, readFacet } from "./facet.ts";

/** Lists as typed on the command line. An absent or empty one leaves the preset's. */
export interface RawOnly {
  readonly cities?: readonly string[] | undefined;
  readonly scenarios?: readonly string[] | undefined;
  readonly outcomes?: readonly string[] | undefined;
  readonly statistics?: readonly string[] | undefined;
  readonly facets?: readonly string[] | undefined;
}

export interface ResolvedSelection {
  readonly selection: Selection;
  /** The lists from the command line in canonical spelling and order, as the ledger keeps them. */
  readonly only: RunRequest["only"];
}

/**
 * The selection that a preset and the command line's lists stand for: in the catalog's order, without repetition.
 * A city may be given by its short name.
 * @throws UsageError that lists every unknown name with the nearest valid one, or says that nothing could be drawn
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

type Finding<Id> = { readonly found: Id } | { readonly problem: string };

function choose<Id>(
  asked: readonly string[] | undefined,
  all: Iterable<Id>,
  find: (text: string) => Finding<Id>,
  problems: string[],
): Id[] | undefined {
  if (asked === undefined || asked.length === 0) return undefined;
  const wanted = new Set<Id>();
  for (const text of asked) {
    const finding = find(text.trim());
    if ("found" in finding) wanted.add(finding.found);
    else problems.push(finding.problem);
  }
  return [...all].filter((id) => wanted.has(id));
}

function finder<Id extends string>(
  what: string,
  known: ReadonlyMap<Id, { readonly name: string }>,
): (text: string) => Finding<Id> {
  return (text) => {
    for (const id of known.keys()) if (id === text) return { found: id };
    const names = [...known].map(([id, { name }]): KnownName => ({ name: id, aliases: [name] }));
    return { problem: `unknown ${what} "${text}"${suggestion(text, names)}` };
  };
}

function findCity(catalog: Catalog, text: string): Finding<CityCode> {
  for (const code of catalog.cities.keys()) if (code === text) return { found: code };
  const called = [...catalog.cities.values()].filter(({ name, shortName }) =>
    [name, shortName].some((known) => sameName(known.toLowerCase(), text.toLowerCase())),
  );
  const [first, ...others] = called;
  if (first !== undefined && others.length === 0) return { found: first.code };
  if (first !== undefined) {
    const codes = called.map(({ code, name }) => `${code} (${name})`).join(", ");
    return { problem: `"${text}" is the name of several cities; give a code: ${codes}` };
  }
  const names = [...catalog.cities.values()].map(
    ({ code, name, shortName }): KnownName => ({ name: `${code} (${shortName})`, aliases: [code, name, shortName] }),
  );
  return { problem: `unknown city "${text}"${suggestion(text, names)}` };
}

function findFacet(catalog: Catalog, text: string): Finding<FacetId> {
  const reading = readFacet(text, [...catalog.dimensions.keys()]);
  return "facet" in reading ? { found: reading.facet } : reading;
}

/** A run that has nothing to draw would succeed at nothing. */
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
