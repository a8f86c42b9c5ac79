/** The one summary of a run: what `summary.json` holds, and what the e-mail and the terminal are written from. */
import { z } from "zod";
import { RunId, Sha256 } from "../domain.ts";
import { ExitCode } from "../errors.ts";
import { CityRecord, type PlotCounts, RunRecord, type RunState } from "../records.ts";

export const Summary = z.object({
  run: RunRecord,
  cities: z.array(CityRecord),
  /** Short names of the run's cities, by code. */
  names: z.record(z.string(), z.string()),
  /** What the plots were drawn from, each file with its checksum. */
  inputs: z.array(z.object({ path: z.string(), bytes: z.int(), sha256: Sha256 })),
  /** Findings about the whole run, such as what a crash before it left behind. */
  remarks: z.array(z.string()),
  /** The run that left the last whole state before it, where a rollback would change what readers see. */
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

/** Plots of the run that readers now see at its fingerprint. */
export function inPlace(counts: PlotCounts): number {
  return counts.changed + counts.unchanged + counts.skipped;
}

/** Plots of a city that are in place or, while it is at work, drawn. */
export function plotsSoFar({ state, drawn = 0, counts }: CityRecord): number {
  return state === "running" ? drawn : inPlace(counts);
}

/** Cities that a person should look at. */
export function needAttention(cities: readonly CityRecord[]): CityRecord[] {
  return cities.filter(({ state }) => state === "failed" || state === "partial" || state === "held");
}

/** Cities that an interruption kept from being finished. */
export function unfinished(cities: readonly CityRecord[]): CityRecord[] {
  return cities.filter(({ state }) => state === "pending" || state === "running");
}

/** What a run that went to its end has come to; it follows from the cities alone. */
export function stateOf(cities: readonly CityRecord[]): RunState {
  return needAttention(cities).length === 0 && unfinished(cities).length === 0 ? "complete" : "incomplete";
}

/** The command line's answer for a run that ended by itself. */
export function exitCodeOf(run: RunRecord): ExitCode {
  if (run.state === "complete") return ExitCode.complete;
  return run.state === "incomplete" ? ExitCode.gaps : ExitCode.cannotWork;
}
