/** Summarises which plots are missing: `218 missing: suppression x race+risk (all statistics), …`. */
import type { PlotId } from "../domain.ts";

const shownGroups = 4;

/**
 * @param missing missing plots, a subset of `expected`
 * @param expected all plots of the same city that the run requested
 */
export function describeMissing(missing: readonly PlotId[], expected: readonly PlotId[]): string {
  if (missing.length === expected.length) return "all";
  const groups: string[] = [];
  const scenarios = groupBy(expected, (plot) => plot.scenario);
  const wholeScenarios = new Set<string>();
  for (const [scenario, lost] of groupBy(missing, (plot) => plot.scenario)) {
    if (lost.length !== scenarios.get(scenario)?.length) continue;
    wholeScenarios.add(scenario);
    groups.push(`everything under ${scenario}`);
  }
  const rest = missing.filter((plot) => !wholeScenarios.has(plot.scenario));
  const expectedRest = expected.filter((plot) => !wholeScenarios.has(plot.scenario));
  const outcomes = groupBy(expectedRest, (plot) => plot.outcome);
  for (const [outcome, lost] of groupBy(rest, (plot) => plot.outcome)) {
    const asked = outcomes.get(outcome) ?? [];
    if (lost.length === asked.length) groups.push(`${outcome} (all)`);
    else groups.push(...describeFacets(outcome, lost, asked));
  }
  const more = groups.length - shownGroups;
  return more > 0 ? `${groups.slice(0, shownGroups).join(", ")} and ${more} more groups` : groups.join(", ");
}

function describeFacets(outcome: string, lost: readonly PlotId[], asked: readonly PlotId[]): string[] {
  const askedByFacet = groupBy(asked, (plot) => plot.facet);
  return [...groupBy(lost, (plot) => plot.facet)].map(([facet, plots]) => {
    const all = askedByFacet.get(facet) ?? [];
    const statistics = distinct(plots.map((plot) => plot.statistic));
    const scenarios = distinct(plots.map((plot) => plot.scenario));
    const which = [
      statistics.length === distinct(all.map((plot) => plot.statistic)).length
        ? "all statistics"
        : statistics.join(", "),
      ...(scenarios.length === distinct(all.map((plot) => plot.scenario)).length ? [] : [scenarios.join(", ")]),
    ];
    return `${outcome} x ${facet} (${which.join("; ")})`;
  });
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  return Map.groupBy(items, keyOf);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
