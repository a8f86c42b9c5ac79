/** The summary of a run: the content of `summary.json`, and the source of the e-mail and the terminal output. */
import { z } from "zod";
import { RunId, Sha256 } from "../domain.ts";
import { ExitCode } from "../errors.ts";
import { CityRecord, type PlotCounts, RunRecord, type RunState } from "../records.ts";

export const Summary = z.object({
  run: RunRecord,
  cities: z.array(CityRecord),
  /** Short names of the run's cities, by code. */
  names: z.record(z.string(), z.string()),
  /** The input files of the plots, with checksums. */
  inputs: z.array(z.object({ path: z.string(), bytes: z.int(), sha256: Sha256 })),
  /** Remarks about the whole run, such as leftovers of an earlier crash. */
  remarks: z.array(z.string()),
  /** The run that left the last whole state before this one; absent if a rollback to it would change nothing. */
  previous: RunId.optional(),
});
export type Summary = z.infer<typeof Summary>;

export const noPlots: PlotCounts = { expected: 0, changed: 0, unchanged: 0, skipped: 0, missing: 0 };

export function addCounts(all: readonly PlotCounts[]): PlotCounts {
  return all.reduce(
    (sum, counts) => ({
      expected: sum.expected + counts.expected,
      changed: sum.changed + counts.changed,
      unchanged: sum.unchanged + counts.unchanged,
      skipped: sum.skipped + counts.skipped,
      missing: sum.missing + counts.missing,
    }),
    noPlots,
  );
}

/** Number of expected plots that are published with the present fingerprint. */
export function inPlace(counts: PlotCounts): number {
  return counts.changed + counts.unchanged + counts.skipped;
}

/** Number of plots of a city that are published or, while the city runs, drawn. */
export function plotsSoFar({ state, drawn = 0, counts }: CityRecord): number {
  return state === "running" ? drawn : inPlace(counts);
}

/** Cities that failed, are incomplete or are held. */
export function needAttention(cities: readonly CityRecord[]): CityRecord[] {
  return cities.filter(({ state }) => state === "failed" || state === "partial" || state === "held");
}

/** Cities that did not finish because the run was interrupted. */
export function unfinished(cities: readonly CityRecord[]): CityRecord[] {
  return cities.filter(({ state }) => state === "pending" || state === "running");
}

/** The state of a run that was not interrupted, derived from its cities. */
export function stateOf(cities: readonly CityRecord[]): RunState {
  return needAttention(cities).length === 0 && unfinished(cities).length === 0 ? "complete" : "incomplete";
}

/** The exit code for a run that was not interrupted. */
export function exitCodeOf(run: RunRecord): ExitCode {
  if (run.state === "complete") return ExitCode.complete;
  return run.state === "incomplete" ? ExitCode.gaps : ExitCode.cannotWork;
}
