/** Lists every plot that must exist. Completeness is judged by this list, never by an exit code. */
import type { Catalog, Selection } from "../catalog/catalog.ts";
import { applicableFacets } from "../catalog/facet.ts";
import type { CityCode, PlotId } from "../domain.ts";

export interface CombinationCounts {
  /** The product of the selection's lists. */
  readonly combinations: number;
  /** Combinations whose facet needs a dimension that the outcome lacks. */
  readonly notApplicable: number;
  /** Combinations that apply: plots that must exist. */
  readonly expected: number;
}

/** The plots expected of one city, by scenario, outcome, statistic and facet, each in the catalog's order. */
export function expectedPlots(catalog: Catalog, selection: Selection, city: CityCode): PlotId[] {
  const outcomes = selection.outcomes.map((outcome) => ({
    outcome,
    facets: applicableFacets(catalog, outcome, selection.facets),
  }));
  return selection.scenarios.flatMap((scenario) =>
    outcomes.flatMap(({ outcome, facets }) =>
      selection.statistics.flatMap((statistic) =>
        facets.map((facet): PlotId => ({ city, scenario, outcome, statistic, facet })),
      ),
    ),
  );
}

/** How many combinations a selection has over all its cities, and how many of them can be drawn. */
export function expectedCounts(catalog: Catalog, selection: Selection): CombinationCounts {
  const { cities, scenarios, outcomes, statistics, facets } = selection;
  const each = cities.length * scenarios.length * statistics.length;
  const combinations = each * outcomes.length * facets.length;
  const drawable = outcomes.reduce((sum, outcome) => sum + applicableFacets(catalog, outcome, facets).length, 0);
  return { combinations, notApplicable: combinations - each * drawable, expected: each * drawable };
}
