/** Describes a plan as text and as JSON: which cities would run, and why. */
import type { Catalog, Selection } from "../catalog/catalog.ts";
import type { CityCode } from "../domain.ts";
import { count, duration, plural, size } from "../format/format.ts";
import { table } from "../format/table.ts";
import type { Estimate } from "./estimate.ts";
import { type CombinationCounts, expectedCounts } from "./expected.ts";
import type { CityPlan } from "./plan.ts";

export interface PlannedRun {
  readonly catalog: Catalog;
  readonly preset: string;
  readonly selection: Selection;
  readonly plans: readonly CityPlan[];
  readonly workers: number;
  /** Remarks about the R image or program. */
  readonly remarks?: readonly string[] | undefined;
  /** Undefined if there is not enough history yet. */
  readonly estimate: Estimate | undefined;
}

/** `blocked`: no plot is due, but some can't be drawn because an input is missing. */
export type CityAction = "run" | "skip" | "blocked";

/** What `replot plan --json` prints. */
export interface PlanDescription {
  readonly model: string;
  readonly preset: string;
  readonly counts: CombinationCounts;
  /** Plots by state; the sum is `counts.expected`. */
  readonly plots: { readonly due: number; readonly current: number; readonly unavailable: number };
  readonly cities: readonly {
    readonly city: CityCode;
    readonly name: string;
    readonly action: CityAction;
    readonly expected: number;
    readonly due: number;
    readonly current: number;
    readonly unavailable: number;
    readonly why: string;
  }[];
  readonly workers: number;
  /** Remarks about the R image or program. */
  readonly remarks: readonly string[];
  /** Null if there is not enough history yet. */
  readonly estimate: Estimate | null;
}

export function planDescription(run: PlannedRun): PlanDescription {
  const cities = run.plans.map(({ city, expected, due, current, unavailable, why }) => ({
    city,
    name: run.catalog.cities.get(city)?.shortName ?? city,
    action: actionOf(due.length, unavailable.length),
    expected: expected.length,
    due: due.length,
    current: current.length,
    unavailable: unavailable.length,
    why,
  }));
  const sum = (of: "due" | "current" | "unavailable"): number => cities.reduce((total, city) => total + city[of], 0);
  return {
    model: run.catalog.model,
    preset: run.preset,
    counts: expectedCounts(run.catalog, run.selection),
    plots: { due: sum("due"), current: sum("current"), unavailable: sum("unavailable") },
    cities,
    workers: run.workers,
    remarks: run.remarks ?? [],
    estimate: run.estimate ?? null,
  };
}

/** What `replot plan` prints: a line per city, then totals and the estimate. @param width characters in a line */
export function planText(plan: PlanDescription, width?: number): string {
  const rows = plan.cities.map(({ city, name, action, due, expected, why }) => [
    city,
    name,
    action,
    count(due),
    count(expected),
    why,
  ]);
  return [
    table(["city", "name", "", "due", "of", "why"], rows, { numbers: new Set([3, 4]), width }),
    "",
    `${plan.preset}: ${countsInWords(plan.counts)}`,
    citiesInWords(plan),
    `estimate: ${estimateInWords(plan)}`,
    ...plan.remarks,
    "",
  ].join("\n");
}

function actionOf(due: number, unavailable: number): CityAction {
  if (due > 0) return "run";
  return unavailable > 0 ? "blocked" : "skip";
}

function countsInWords({ combinations, notApplicable, expected }: CombinationCounts): string {
  const without = notApplicable === 0 ? "" : `, ${count(notApplicable)} not applicable by the catalog`;
  return `${plural(combinations, "combination")}${without}, ${plural(expected, "plot")} expected`;
}

function citiesInWords({ cities, plots }: PlanDescription): string {
  const number = (action: CityAction): number => cities.filter((city) => city.action === action).length;
  return [
    `${plural(number("run"), "city", "cities")} would run (${plural(plots.due, "plot")})`,
    `${count(number("skip"))} would be skipped`,
    ...(number("blocked") > 0 ? [`${count(number("blocked"))} can't run for want of an input`] : []),
    ...(plots.unavailable > 0 ? [`${plural(plots.unavailable, "plot")} can't be drawn`] : []),
  ].join(", ");
}

function estimateInWords({ estimate, plots, workers }: PlanDescription): string {
  if (plots.due === 0) return "nothing to do";
  if (estimate === null) return "not enough history yet";
  const bytes = estimate.bytes === undefined ? "" : ` and ${size(estimate.bytes)} of figures`;
  return `about ${duration(estimate.seconds)} with ${plural(workers, "worker")}${bytes}, from ${estimate.basis}`;
}
