/** The order of runs and rollbacks: they count themselves, because a clock may jump back or forth between two of them. */
import type { RunRecord } from "./records.ts";

/**
 * Compares by sequence number, newest first. Records of versions up to 0.1.0 have none: they come after all others, by
 * the time in their id.
 */
export function newestFirst(a: Pick<RunRecord, "id" | "sequence">, b: Pick<RunRecord, "id" | "sequence">): number {
  const difference = (b.sequence ?? 0) - (a.sequence ?? 0);
  if (difference !== 0) return difference;
  return a.id < b.id ? 1 : -1;
}

/**
 * The number of the run or rollback that begins now. Called under the lock, so that nobody else takes it.
 * @param runs all runs of the ledger
 */
export function nextSequence(runs: readonly Pick<RunRecord, "sequence" | "rollbacks">[]): number {
  return runs.reduce(
    (next, { sequence = 0, rollbacks = [] }) =>
      Math.max(next, sequence + 1, ...rollbacks.map((rollback) => (rollback.sequence ?? 0) + 1)),
    1,
  );
}
