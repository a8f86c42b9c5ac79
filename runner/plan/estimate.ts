/**
 * Estimates the duration and the output size of a plan from the measurements of earlier runs.
 *
 * Duration of a city: number of plots x median seconds per plot of its earlier renders, or of all cities' renders if it
 * has none. Only renders of a similar number of plots count, and none of less than a quarter: in a small render R's start
 * dominates the seconds per plot, so the estimate for a large plan would be many times too high. Size of a plot: its
 * present size, or the average size of the same plot in other cities.
 */
import type { CityCode, PlotId } from "../domain.ts";
import { plural } from "../format/format.ts";
import { rowKey, rowKeyOf, sortKey } from "../layout.ts";
import type { CityRecord, IndexRow } from "../records.ts";
import type { CityPlan } from "./plan.ts";

export interface Estimate {
  /** Wall time. */
  readonly seconds: number;
  /** Uncompressed bytes of the figures; absent where no plot has been published yet. */
  readonly bytes?: number;
  /** The data it is based on: `31 cities rendered between 2026-11-08 and 2026-11-15`. */
  readonly basis: string;
}

export interface EstimateSources {
  readonly plans: readonly Pick<CityPlan, "city" | "due">[];
  /** City records of earlier runs, in any order. */
  readonly history: Iterable<CityRecord>;
  /** The index. */
  readonly rows: Iterable<IndexRow>;
  /** R processes at once. */
  readonly workers: number;
}

/** @returns undefined if there is not enough history: no earlier render of a similar size */
export function estimate({ plans, history, rows, workers }: EstimateSources): Estimate | undefined {
  const measured = rendersOf(history);
  if (measured.length === 0) return undefined;

  const seconds: number[] = [];
  for (const { city, due } of plans) {
    if (due.length === 0) continue;
    const ofCity = comparable(
      measured.filter((render) => render.city === city),
      due.length,
    );
    const chosen = ofCity.length > 0 ? ofCity : comparable(measured, due.length);
    if (chosen.length === 0) return undefined;
    seconds.push(due.length * median(chosen.map(secondsPerPlot)));
  }
  const bytes = expectedBytes(
    plans.flatMap(({ due }) => due),
    rows,
  );
  return { seconds: wallTime(seconds, workers), ...(bytes === undefined ? {} : { bytes }), basis: basisOf(measured) };
}

/** A render is used for plans of at most this many times its plots. */
const largerFactor = 4;

/** Renders to estimate a plan from: the smallest that are at least as large, else those of at least a quarter of it. */
function comparable(renders: readonly Render[], plots: number): Render[] {
  const larger = renders.filter((render) => render.plots >= plots);
  const enough = larger.length > 0 ? larger : renders.filter((render) => render.plots * largerFactor >= plots);
  const least = Math.min(...enough.map((render) => render.plots));
  return enough.filter((render) => render.plots <= 2 * least);
}

/** Assumes that workers share the cities evenly. A single city is not divided among workers. */
function wallTime(cities: readonly number[], workers: number): number {
  const total = cities.reduce((sum, seconds) => sum + seconds, 0);
  return Math.max(total / workers, ...cities);
}

function secondsPerPlot({ seconds, plots }: Render): number {
  return seconds / plots;
}

interface Render {
  readonly run: string;
  readonly city: CityCode;
  readonly plots: number;
  readonly seconds: number;
}

/** Time in R of the attempts that drew plots. A city's `seconds` is not used: it includes the wait for a worker. */
function rendersOf(history: Iterable<CityRecord>): Render[] {
  return [...history].flatMap(({ run, city, attempts }) => {
    const useful = attempts.filter(({ plots, seconds }) => plots > 0 && seconds > 0);
    if (useful.length === 0) return [];
    const total = (of: "plots" | "seconds"): number => useful.reduce((sum, attempt) => sum + attempt[of], 0);
    return [{ run, city, plots: total("plots"), seconds: total("seconds") }];
  });
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

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle] ?? 0) + (sorted[sorted.length - 1 - middle] ?? 0)) / 2;
}
