/** Restores the rows of the index as a run left them. Objects are immutable, so a rollback changes rows only. */
import { isDeepStrictEqual } from "node:util";
import type { ModelId, RunId, Sha256 } from "../domain.ts";
import { UnavailableError, UsageError } from "../errors.ts";
import { plotsPrefix, rowKey, runKeys } from "../layout.ts";
import type { KeptLease } from "../lock/lease.ts";
import { withLock } from "../lock/with-lock.ts";
import type { IndexRow, RollbackRecord, RunRecord } from "../records.ts";
import { nextSequence } from "../run-order.ts";
import type { Stores } from "../stores/ports.ts";
import { stateChanges, stateDigest, unfinishedCities } from "./index-state.ts";
import { readIndexSnapshot, snapshotKey } from "./manifest.ts";

export interface RollbackResult {
  readonly run: RunId;
  /** Time of the rollback (ISO 8601), as recorded in `rollbacks` of the run's ledger entry. */
  readonly at: string;
  /** Rows of the index now. */
  readonly rows: number;
  readonly changed: number;
  /** Removed rows, whose plots the run's index did not have. */
  readonly removed: number;
}

export type RowKey = Pick<IndexRow, "city_scenario" | "outcome_stat_facet">;

/** The changes to the rows of one city. */
export interface CityChange {
  readonly city: string;
  readonly put: readonly IndexRow[];
  readonly remove: readonly RowKey[];
}

type RollbackStores = Pick<Stores, "objects" | "index" | "ledger" | "lock">;

const namedGone = 5;

/** The effect that a rollback would have on the present index. */
export interface RollbackPreview {
  readonly run: RunRecord;
  /** Rows of the index afterwards. */
  readonly rows: number;
  /** Rows that would be written. */
  readonly changed: number;
  /** Rows that would be removed, because their plots were published after the run. */
  readonly removed: number;
}

export interface RollbackOptions {
  /** Maximum number of rows to remove. Default 0. */
  readonly mayRemove?: number;
}

/**
 * Computes the effect of {@link rollback}, without taking the lock or writing anything.
 * @throws {UsageError} for a run that the ledger does not know
 * @throws {UnavailableError} where the run left no snapshot, or an object it names is gone
 */
export async function previewRollback(
  stores: Omit<RollbackStores, "lock">,
  run: RunId,
  model: ModelId,
): Promise<RollbackPreview> {
  const record = await knownRun(stores, run);
  const { wanted, changes } = await planned(stores, record, model);
  return { run: record, rows: wanted.length, ...countChanges(changes) };
}

/**
 * Restores the rows city by city; the rows of one city change together. A rollback that was interrupted is completed by
 * calling it again.
 * @throws {UsageError} before any write, if the ledger does not know the run, or if more rows than `mayRemove` would be
 *   removed
 * @throws {UnavailableError} before any write, if the run left no snapshot, or an object that it names is missing
 * @throws {Locked} while a run is at work
 */
export async function rollback(
  stores: RollbackStores,
  run: RunId,
  model: ModelId,
  { mayRemove = 0 }: RollbackOptions = {},
): Promise<RollbackResult> {
  return withLock(stores.lock, "rollback", async (lease) => {
    // read under the lock, because a run that ends writes its own entry
    const record = await knownRun(stores, run);
    return restore(stores, record, { model, mayRemove, lease });
  });
}

async function restore(
  stores: RollbackStores,
  record: RunRecord,
  { model, mayRemove, lease }: { readonly model: ModelId; readonly mayRemove: number; readonly lease: KeptLease },
): Promise<RollbackResult> {
  const { objects, index, ledger } = stores;
  const run = record.id;
  const { wanted, present, changes: cities } = await planned(stores, record, model);
  const { changed, removed } = countChanges(cities);
  if (removed > mayRemove) throw new UsageError(`${removesRows(run, removed)}. Nothing was changed`);

  // recorded before the first row is written, so that an interrupted rollback is visible
  const at = new Date().toISOString();
  const [to, from] = [digestOf(wanted), digestOf(present)];
  const runs = await ledger.runs();
  const entry: RollbackRecord = {
    at,
    sequence: nextSequence(runs),
    ...(to === from ? {} : { from }),
  };
  const changes = stateChanges(runs);
  const left = changes.slice(changes.findIndex((change) => change.run.id === run && change.rollback === undefined));
  const unfinished = await unfinishedCities(ledger, left);
  await lease.check();
  await ledger.saveRun({
    ...record,
    index: record.index ?? { digest: to, rows: wanted.length, unfinished },
    rollbacks: [...(record.rollbacks ?? []), entry],
  });
  for (const { put, remove } of cities) {
    await lease.check();
    await index.write(put, remove);
  }

  const differ = planRollback(wanted, await rowsOf(index));
  if (differ.length > 0) {
    throw new UnavailableError(
      `the rows were written, but ${differ.length} cities (${differ[0]?.city}, …) do not read back as ` +
        `${objects.location(runKeys.index(run))} has them; do it again: replot rollback ${run}`,
    );
  }
  return { run, at, rows: wanted.length, changed, removed };
}

/** `going back to run … removes 24 rows, whose plots readers then see no more`: for a refusal or a question. Pure. */
export function removesRows(run: RunId, removed: number): string {
  const rows = removed === 1 ? "1 row, whose plot" : `${removed} rows, whose plots`;
  return `going back to run ${run} removes ${rows} readers then see no more`;
}

async function planned(
  stores: Omit<RollbackStores, "lock">,
  record: RunRecord,
  model: ModelId,
): Promise<{ wanted: IndexRow[]; present: IndexRow[]; changes: CityChange[] }> {
  const wanted = await snapshotRows(stores, record);
  await refuseIfGone(stores, record.id, wanted, plotsPrefix(model));
  const present = await rowsOf(stores.index);
  return { wanted, present, changes: planRollback(wanted, present) };
}

function countChanges(changes: readonly CityChange[]): { readonly changed: number; readonly removed: number } {
  return {
    changed: changes.reduce((sum, { put }) => sum + put.length, 0),
    removed: changes.reduce((sum, { remove }) => sum + remove.length, 0),
  };
}

async function rowsOf(index: Stores["index"]): Promise<IndexRow[]> {
  const rows: IndexRow[] = [];
  for await (const row of index.all()) rows.push(row);
  return rows;
}

function digestOf(rows: readonly IndexRow[]): Sha256 {
  const state = stateDigest();
  for (const row of rows) state.add(row);
  return state.digest();
}

/** The changes that turn the present rows into the wanted ones, city by city. Pure. */
export function planRollback(wanted: readonly IndexRow[], present: readonly IndexRow[]): CityChange[] {
  const cities = new Map<string, { city: string; put: IndexRow[]; remove: RowKey[] }>();
  const changeOf = (row: RowKey) => {
    const city = row.city_scenario.split("#")[0] ?? row.city_scenario;
    const known = cities.get(city) ?? { city, put: [], remove: [] };
    cities.set(city, known);
    return known;
  };
  const before = new Map(present.map((row) => [rowKey(row), row]));
  for (const row of wanted) {
    const old = before.get(rowKey(row));
    before.delete(rowKey(row));
    if (!isDeepStrictEqual(row, old)) changeOf(row).put.push(row);
  }
  for (const { city_scenario, outcome_stat_facet } of before.values()) {
    changeOf({ city_scenario, outcome_stat_facet }).remove.push({ city_scenario, outcome_stat_facet });
  }
  return [...cities.values()].sort((a, b) => (a.city < b.city ? -1 : 1));
}

/**
 * The rows of the index as a run left it.
 * @throws {UnavailableError} if the snapshot is missing or damaged
 */
export async function snapshotRows(
  { objects }: Pick<Stores, "objects">,
  { id, state }: Pick<RunRecord, "id" | "state">,
): Promise<IndexRow[]> {
  if ((await snapshotKey(objects, id)) === undefined) {
    throw new UnavailableError(
      `run ${id} (${state}) left no snapshot of the index (${objects.location(runKeys.index(id))}), so there is nothing ` +
        "to go back to; `replot runs` lists the others. Nothing was changed",
    );
  }
  const rows: IndexRow[] = [];
  for await (const row of readIndexSnapshot(objects, id)) rows.push(row);
  return rows;
}

/** @throws {UnavailableError} if objects that the rows reference are missing */
export async function refuseIfGone(
  { objects }: Pick<Stores, "objects">,
  run: RunId,
  rows: readonly IndexRow[],
  prefix: string,
): Promise<void> {
  const gone = new Set(rows.map((row) => row.s3_key));
  // one listing needs a thousand times fewer requests than one request per object
  for await (const { key } of objects.list(prefix)) gone.delete(key);
  if (gone.size === 0) return;
  const first = [...gone].slice(0, namedGone).map((key) => `\n  ${key}`);
  throw new UnavailableError(
    `cannot go back to run ${run}: ${gone.size} of the objects it needs ${gone.size === 1 ? "is" : "are"} gone:` +
      `${first.join("")}${gone.size > namedGone ? "\n  …" : ""}\nNothing was changed`,
  );
}

async function knownRun({ ledger }: Pick<Stores, "ledger">, run: RunId): Promise<RunRecord> {
  const record = await ledger.run(run);
  if (record !== undefined) return record;
  const known = (await ledger.runs(namedGone)).map(({ id }) => id);
  throw new UsageError(
    known.length === 0
      ? `there is no run ${run}: the ledger is empty`
      : `there is no run ${run}; the latest are ${known.join(", ")} (\`replot runs\` lists all)`,
  );
}
