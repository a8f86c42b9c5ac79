/**
 * How long a plan would take and how much it would write, from what earlier runs measured.
 *
 * A city costs a start (R loads a workspace) and a time per plot. The start is the intercept of a straight line through
 * all earlier renders, seconds over plots; 0 where they were all of one size and it can't be told apart. The time per
 * plot is the city's own, from its render of most plots (the newest of equals), and the median over cities where it has
 * none. Cities are dealt to workers longest first. A plot is taken to be as large as it is now, or as the same plot of
 * other cities is on average.
 */
import type { CityCode, PlotId } from "../domain.ts";
import { rowKey, rowKeyOf, sortKey } from "../layout.ts";
import type { CityRecord, IndexRow } from "../records.ts";
import { plural } from "../words.ts";
import type { CityPlan } from "./plan.ts";

export interface Estimate {
  /** Wall time. */
  readonly seconds: number;
  /** Uncompressed bytes of the figures; absent where no plot has been published yet. */
  readonly bytes?: number;
  /** What it rests on: `31 cities rendered between 2026-11-08 and 2026-11-15`. */
  readonly basis: string;
}

export interface EstimateSources {
  readonly plans: readonly Pick<CityPlan, "city" | "due">[];
  /** What the ledger has of earlier runs, in any order. */
  readonly history: Iterable<CityRecord>;
  /** The index. */
  readonly rows: Iterable<IndexRow>;
  /** R processes at once. */
  readonly workers: number;
}

/** Undefined where nothing was ever rendered: no history yet. */
export function estimate({ plans, history, rows, workers }: EstimateSources): Estimate | undefined {
  const measured = rendersOf(history);
  if (measured.length === 0) return undefined;

  const start = startSeconds(measured);
  const ownRate = (render: Render): number => Math.max(render.seconds - start, 0) / render.plots;
  const best = bestRenders(measured);
  const usualRate = median([...best.values()].map(ownRate));
  const loads = plans
    .filter(({ due }) => due.length > 0)
    .map(({ city, due }) => {
      const own = best.get(city);
      return start + due.length * (own === undefined ? usualRate : ownRate(own));
    });
  const bytes = expectedBytes(
    plans.flatMap(({ due }) => due),
    rows,
  );
  return { seconds: makespan(loads, workers), ...(bytes === undefined ? {} : { bytes }), basis: basisOf(measured) };
}

/** Wall time of jobs dealt to workers, longest first, each to the worker that is free first. */
export function makespan(loads: readonly number[], workers: number): number {
  const busy = new Array<number>(Math.max(1, Math.floor(workers))).fill(0);
  for (const load of loads.toSorted((one, other) => other - one)) {
    const first = busy.indexOf(Math.min(...busy));
    busy[first] = (busy[first] ?? 0) + load;
  }
  return Math.max(...busy);
}

interface Render {
  readonly run: string;
  readonly city: CityCode;
  readonly plots: number;
  readonly seconds: number;
}

/** R's own time, in attempts that brought plots: a city's `seconds` also has its wait for a worker. */
function rendersOf(history: Iterable<CityRecord>): Render[] {
  return [...history].flatMap(({ run, city, attempts }) => {
    const useful = attempts.filter(({ plots, seconds }) => plots > 0 && seconds > 0);
    if (useful.length === 0) return [];
    const total = (of: "plots" | "seconds"): number => useful.reduce((sum, attempt) => sum + attempt[of], 0);
    return [{ run, city, plots: total("plots"), seconds: total("seconds") }];
  });
}

function bestRenders(renders: readonly Render[]): Map<CityCode, Render> {
  const best = new Map<CityCode, Render>();
  for (const render of renders) {
    const rival = best.get(render.city);
    const better =
      rival === undefined || render.plots > rival.plots || (render.plots === rival.plots && render.run > rival.run);
    if (better) best.set(render.city, render);
  }
  return best;
}

/** Intercept of the least-squares line through (plots, seconds), between 0 and the quickest render. */
function startSeconds(renders: readonly Render[]): number {
  const plots = mean(renders.map((render) => render.plots));
  const seconds = mean(renders.map((render) => render.seconds));
  const spread = mean(renders.map((render) => (render.plots - plots) ** 2));
  if (spread === 0) return 0;
  const slope = mean(renders.map((render) => (render.plots - plots) * (render.seconds - seconds))) / spread;
  const quickest = Math.min(...renders.map((render) => render.seconds));
  return Math.min(Math.max(seconds - slope * plots, 0), quickest);
}

function expectedBytes(due: readonly PlotId[], rows: Iterable<IndexRow>): number | undefined {
  const own = new Map<string, number>();
  const alike = new Map<string, { bytes: number; rows: number }>();
  const all = { bytes: 0, rows: 0 };
  for (const row of rows) {
    const { outcome_stat_facet, file_size } = row;
    own.set(rowKey(row), file_size);
    const group = alike.get(outcome_stat_facet) ?? { bytes: 0, rows: 0 };
    alike.set(outcome_stat_facet, group);
    for (const sum of [group, all]) {
      sum.bytes += file_size;
      sum.rows += 1;
    }
  }
  if (all.rows === 0) return undefined;
  const bytes = due.reduce((sum, plot) => {
    const sort = sortKey(plot);
    const group = alike.get(sort) ?? all;
    return sum + (own.get(rowKeyOf(plot)) ?? group.bytes / group.rows);
  }, 0);
  return Math.round(bytes);
}

function basisOf(renders: readonly Render[]): string {
  const cities = new Set(renders.map(({ city }) => city)).size;
  const days = renders.map(({ run }) => run.slice(0, 10)).toSorted();
  const [first, last] = [days.at(0), days.at(-1)];
  const when = first === last ? `on ${first}` : `between ${first} and ${last}`;
  return `${plural(cities, "city", "cities")} rendered ${when}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle] ?? 0) + (sorted[sorted.length - 1 - middle] ?? 0)) / 2;
}
