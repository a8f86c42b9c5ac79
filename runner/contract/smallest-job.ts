/** Chooses the smallest job that shows what a program does: one plot without a facet, and one with panels. */
import type { Catalog, Selection } from "../catalog/catalog.ts";
import { panelCount } from "../catalog/facet.ts";
import type { LookAtInputs } from "../doctor/inputs.ts";
import { findDrawableCity } from "../doctor/inputs.ts";
import type { PlotId } from "../domain.ts";
import { expectedCounts, expectedPlots } from "../plan/expected.ts";

/** The preset that has the most plots: it shows what the program is there for. */
export function largestPreset(catalog: Catalog): string | undefined {
  const bySize = [...catalog.presets].map(
    ([name, selection]) => [name, expectedCounts(catalog, selection).expected] as const,
  );
  return bySize.toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

/**
 * The job of the first city and scenario whose inputs R can read.
 * @returns undefined where no city has the inputs of any scenario
 */
export async function smallestJob(
  catalog: Catalog,
  selection: Selection,
  look: LookAtInputs,
): Promise<readonly PlotId[] | undefined> {
  for (const scenario of selection.scenarios) {
    const one = { ...selection, scenarios: [scenario] };
    const city = await findDrawableCity(catalog, one, look);
    if (city !== undefined) return smallestOf(catalog, expectedPlots(catalog, one, city));
  }
  return undefined;
}

/** @param plots of one city and scenario */
export function smallestOf(catalog: Catalog, plots: readonly PlotId[]): readonly PlotId[] {
  const panels = ({ facet }: PlotId): number => panelCount(facet, catalog) ?? Number.POSITIVE_INFINITY;
  const faceted = plots
    .filter(({ facet }) => facet !== "none")
    .toSorted((one, other) => panels(one) - panels(other))
    .at(0);
  const whole = plots.find(
    ({ facet, outcome, statistic }) =>
      facet === "none" && (faceted === undefined || (outcome === faceted.outcome && statistic === faceted.statistic)),
  );
  return [whole, faceted].filter((plot) => plot !== undefined);
}
