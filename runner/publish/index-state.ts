/**
 * States of the index: their digests and their order. Two states are equal if readers see the same plots in both,
 * independent of the runs that drew them; a run that changes nothing keeps the state.
 */
import { createHash } from "node:crypto";
import { type CityCode, type RunId, Sha256 } from "../domain.ts";
import { rowKey } from "../layout.ts";
import type { CityRecord, IndexRow, RollbackRecord, RunRecord } from "../records.ts";
import { newestFirst } from "../run-order.ts";
import type { Ledger } from "../stores/ports.ts";

/** Computes the digest of a state from its rows, added in any order. Memory: about 150 bytes per row. */
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

/** An event that may have changed the state of the index: a run or a rollback. */
export interface StateChange {
  /** The run whose state readers saw afterwards. */
  readonly run: RunRecord;
  /** The rollback to that run; absent if the event is the run itself. */
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
  // changes by versions up to 0.1.0 have no sequence number, so they are ordered by time
  const later = Date.parse(timeOf(b)) - Date.parse(timeOf(a));
  return later !== 0 ? later : newestFirst(a.run, b.run);
}

function sequenceOf({ run, rollback }: StateChange): number {
  return (rollback === undefined ? run.sequence : rollback.sequence) ?? 0;
}

/** Time of the change (ISO 8601), as recorded by the machine that made it. */
export function timeOf({ run, rollback }: StateChange): string {
  return rollback === undefined ? run.started : rollback.at;
}

/** Whether a run left a state with rows and without unfinished cities. Pure. */
export function isWhole({ index, state }: RunRecord): boolean {
  return index === undefined ? state === "complete" : index.rows > 0 && index.unfinished.length === 0;
}

/**
 * Cities that are unfinished after the newest of these changes. If a run did not record them (killed, or an older
 * version), they are derived from its cities and from the changes before it.
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
 * @param before unfinished cities of the state that the run began with
 * @param cities cities of the run
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
 * Digests of states that a rollback replaced and that no later rollback restored. They are not offered for a rollback,
 * even if a later run drew the same plots again. Pure.
 * @param changes newest first
 * @param digestOf digest of the state that a run left; undefined if it is unknown
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
