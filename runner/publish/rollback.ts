/** Puts the rows back to how a run left them. Objects are immutable and stay where they are: a rollback is rows only. */
import { isDeepStrictEqual } from "node:util";
import type { ModelId, RunId } from "../domain.ts";
import { CannotWork, WrongRequest } from "../errors.ts";
import { plotsPrefix, rowKey, runKeys } from "../layout.ts";
import type { IndexRow, RunRecord } from "../records.ts";
import type { KeptLease } from "../run/lease.ts";
import type { Stores } from "../stores/ports.ts";
import { exclusively } from "./exclusively.ts";
import { readIndexSnapshot } from "./manifest.ts";

export interface RollbackResult {
  readonly run: RunId;
  /** When; the ledger's entry of the run has it among its `rollbacks`. */
  readonly at: string;
  /** Rows of the index now. */
  readonly rows: number;
  readonly changed: number;
  /** Rows of plots that the run's index did not have. */
  readonly removed: number;
}

export type RowKey = Pick<IndexRow, "city_scenario" | "outcome_stat_facet">;

/** What has to be written in one city. */
export interface CityChange {
  readonly city: string;
  readonly put: readonly IndexRow[];
  readonly remove: readonly RowKey[];
}

type RollbackStores = Pick<Stores, "objects" | "index" | "ledger" | "lock">;

const namedGone = 5;

/**
 * A city's rows change over together; cities follow one another. A rollback that was cut short is finished by calling
 * it again.
 * @throws {WrongRequest} for a run that the ledger does not know
 * @throws {CannotWork} before anything is written, where the run left no snapshot, or an object it names is gone
 * @throws {Locked} while a run is at work
 */
export async function rollback(stores: RollbackStores, run: RunId, model: ModelId): Promise<RollbackResult> {
  return exclusively(stores.lock, "rollback", async (lease) => {
    // under the lock: a run that ends meanwhile writes its own entry
    const record = await stores.ledger.run(run);
    if (record === undefined) throw new WrongRequest(await unknownRun(stores, run));
    return restore(stores, record, model, lease);
  });
}

async function restore(
  stores: RollbackStores,
  record: RunRecord,
  model: ModelId,
  lease: KeptLease,
): Promise<RollbackResult> {
  const { objects, index, ledger } = stores;
  const run = record.id;
  const wanted = await snapshotRows(stores, record);
  await refuseIfGone(stores, run, wanted, plotsPrefix(model));

  const present: IndexRow[] = [];
  for await (const row of index.all()) present.push(row);
  const changes = planRollback(wanted, present);

  // before the first row, so that even a rollback cut short can be seen
  const at = new Date().toISOString();
  await lease.check();
  await ledger.saveRun({ ...record, rollbacks: [...(record.rollbacks ?? []), at] });
  for (const { put, remove } of changes) {
    await lease.check();
    await index.write(put, remove);
  }

  const after: IndexRow[] = [];
  for await (const row of index.all()) after.push(row);
  const left = planRollback(wanted, after);
  if (left.length > 0) {
    throw new CannotWork(
      `the rows were written, but ${left.length} cities (${left[0]?.city}, …) do not read back as ` +
        `${objects.location(runKeys.index(run))} has them; do it again: replot rollback ${run}`,
    );
  }
  return {
    run,
    at,
    rows: wanted.length,
    changed: changes.reduce((sum, { put }) => sum + put.length, 0),
    removed: changes.reduce((sum, { remove }) => sum + remove.length, 0),
  };
}

/** What must be written to get from the present rows to the wanted ones, city by city. Pure. */
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

async function snapshotRows({ objects }: RollbackStores, { id, state }: RunRecord): Promise<IndexRow[]> {
  if (!(await objects.has(runKeys.index(id)))) {
    throw new CannotWork(
      `run ${id} (${state}) left no snapshot of the index (${objects.location(runKeys.index(id))}), so there is nothing ` +
        "to go back to; `replot runs` lists the others. Nothing was changed",
    );
  }
  const rows: IndexRow[] = [];
  for await (const row of readIndexSnapshot(objects, id)) rows.push(row);
  return rows;
}

async function refuseIfGone(
  { objects }: RollbackStores,
  run: RunId,
  rows: readonly IndexRow[],
  prefix: string,
): Promise<void> {
  const gone = new Set(rows.map((row) => row.s3_key));
  // one listing instead of a question per object: a thousand times fewer requests where requests cost
  for await (const { key } of objects.list(prefix)) gone.delete(key);
  if (gone.size === 0) return;
  const first = [...gone].slice(0, namedGone).map((key) => `\n  ${key}`);
  throw new CannotWork(
    `cannot go back to run ${run}: ${gone.size} of the objects it needs ${gone.size === 1 ? "is" : "are"} gone:` +
      `${first.join("")}${gone.size > namedGone ? "\n  …" : ""}\nNothing was changed`,
  );
}

async function unknownRun({ ledger }: RollbackStores, run: RunId): Promise<string> {
  const known = (await ledger.runs(namedGone)).map(({ id }) => id);
  return known.length === 0
    ? `there is no run ${run}: the ledger is empty`
    : `there is no run ${run}; the latest are ${known.join(", ")} (\`replot runs\` lists all)`;
}
