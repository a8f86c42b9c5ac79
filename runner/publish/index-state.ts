/**
 * States of the index: what identifies one, and in which order readers saw them. Two states are the same where readers
 * see the same plots in both, whichever runs drew them; a run that changes nothing leaves the state as it was.
 */
import { createHash } from "node:crypto";
import { type CityCode, type RunId, Sha256 } from "../domain.ts";
import { rowKey } from "../layout.ts";
import type { CityRecord, IndexRow, RollbackRecord, RunRecord } from "../records.ts";
import { newestFirst } from "../run-order.ts";
import type { Ledger } from "../stores/ports.ts";

/** Collects rows, in any order, for the digest of the state that they are. Memory: some 150 bytes a row. */
export function stateDigest(): { add(row: IndexRow): void; digest(): Sha256; rows(): number } {
  const lines: string[] = [];
  return {
    add: (row) => void lines.push(`${rowKey(row)} ${row.s3_key} ${row.sha256}\n`),
    digest() {
      const hash = createHash("sha256");
      for (const line of lines.sort()) hash.update(line);
      return Sha256.parse(hash.digest("hex"));
    },
    rows: () => lines.length,
  };
}

/** A moment at which the index got, or may have got, another state. */
export interface StateChange {
  /** The run whose state readers saw from then on. */
  readonly run: RunRecord;
  /** Where a rollback brought it back; absent where the run itself wrote it. */
  readonly rollback?: RollbackRecord;
}

/** Every run and every rollback, newest first. Pure. */
export function stateChanges(runs: readonly RunRecord[]): StateChange[] {
  return runs
    .flatMap((run) => [{ run }, ...(run.rollbacks ?? []).map((rollback) => ({ run, rollback }))])
    .sort(newestChangeFirst);
}

function newestChangeFirst(a: StateChange, b: StateChange): number {
  const [first, second] = [sequenceOf(a), sequenceOf(b)];
  if (first !== second) return second - first;
  // only changes of versions up to 0.1.0 have no number; their clock is all there is
  const later = Date.parse(timeOf(b)) - Date.parse(timeOf(a));
  return later !== 0 ? later : newestFirst(a.run, b.run);
}

function sequenceOf({ run, rollback }: StateChange): number {
  return (rollback === undefined ? run.sequence : rollback.sequence) ?? 0;
}

/** When it happened (ISO 8601), by the clock of that moment. */
export function timeOf({ run, rollback }: StateChange): string {
  return rollback === undefined ? run.started : rollback.at;
}

/** Whether a run left a state in which no city was unfinished. An empty index is nothing to go back to. Pure. */
export function isWhole({ index, state }: RunRecord): boolean {
  return index === undefined ? state === "complete" : index.rows > 0 && index.unfinished.length === 0;
}

/**
 * Cities that are unfinished in the state after the newest of some changes. A run that could not write that down, or an
 * older version, is judged by its cities and by the changes before it.
 * @param changes newest first
 */
export async function unfinishedCities(ledger: Ledger, changes: readonly StateChange[]): Promise<CityCode[]> {
  const known = changes.findIndex(({ run: { index, state } }) => index !== undefined || state === "complete");
  const since = changes.slice(0, known === -1 ? changes.length : known);
  let unfinished: CityCode[] = changes[known]?.run.index?.unfinished ?? [];
  for (const { run } of since.toReversed()) unfinished = unfinishedAfter(unfinished, await ledger.cities(run.id));
  return unfinished;
}

/**
 * Cities that are unfinished after a run. Pure.
 * @param before those of the state that the run began with
 * @param cities of the run
 */
export function unfinishedAfter(before: readonly CityCode[], cities: readonly CityRecord[]): CityCode[] {
  const complete = new Set(cities.filter(isComplete).map(({ city }) => city));
  const open = cities.filter((city) => !isComplete(city)).map(({ city }) => city);
  return [...new Set([...before.filter((city) => !complete.has(city)), ...open])].sort();
}

function isComplete({ state }: CityRecord): boolean {
  return state === "published" || state === "skipped";
}

/**
 * Digests of the states that a rollback replaced and that no later rollback went back to. Nobody wants to go back to
 * them, even where a later run drew the same once more. Pure.
 * @param changes newest first
 * @param digestOf digest of the state that a run left, where it is known
 */
export function rejectedStates(
  changes: readonly StateChange[],
  digestOf: (run: RunId) => Sha256 | undefined,
): ReadonlySet<Sha256> {
  const judged = new Set<Sha256>();
  const rejected = new Set<Sha256>();
  for (const { run, rollback } of changes) {
    if (rollback === undefined) continue;
    const to = digestOf(run.id);
    if (to !== undefined) judged.add(to);
    if (rollback.from !== undefined && !judged.has(rollback.from)) rejected.add(rollback.from);
  }
  return rejected;
}
