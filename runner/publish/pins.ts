/** Pins the state that a run left, so that it stays available for rollbacks. */
import type { ModelId, RunId } from "../domain.ts";
import { UnavailableError } from "../errors.ts";
import { pinKeys, plotsPrefix } from "../layout.ts";
import { withLock } from "../lock/with-lock.ts";
import type { RunRecord } from "../records.ts";
import type { Stores } from "../stores/ports.ts";
import { snapshotKey, storedRuns } from "./manifest.ts";
import { refuseIfGone, snapshotRows } from "./rollback.ts";

type PinStores = Pick<Stores, "objects" | "ledger" | "lock">;

/**
 * Copies the run's snapshot to a prefix that does not expire, and records the time in the ledger. Idempotent.
 * @throws {UnavailableError} if the run left no snapshot, or an object that it names is missing; then nothing is pinned
 * @throws {Locked} while a run is at work
 */
export async function pin({ objects, ledger, lock }: PinStores, run: RunRecord, model: ModelId): Promise<void> {
  // under the lock: a prune may be about to remove what is pinned
  await withLock(lock, "keep", async (lease) => {
    await refuseIfGone({ objects }, run.id, await snapshotRows({ objects }, run), plotsPrefix(model));
    const key = await snapshotKey(objects, run.id);
    const body = key === undefined ? undefined : await objects.get(key);
    if (body === undefined)
      throw new UnavailableError(`the snapshot of run ${run.id} went while it was read; try again`);
    await lease.check();
    const copy = { key: pinKeys.index(run.id), body, contentType: "application/x-ndjson" };
    await objects.put({ ...copy, contentEncoding: "gzip" });
    await ledger.saveRun({ ...((await ledger.run(run.id)) ?? run), pinned: run.pinned ?? new Date().toISOString() });
  });
}

/**
 * Removes a pin; the next prune removes the plots that are not referenced otherwise.
 * @throws {Locked} while a run is at work
 */
export async function unpin({ objects, ledger, lock }: PinStores, run: RunRecord): Promise<void> {
  await withLock(lock, "keep", async (lease) => {
    await lease.check();
    const { pinned: _, ...record } = (await ledger.run(run.id)) ?? run;
    await ledger.saveRun(record);
    await objects.remove([pinKeys.index(run.id)]);
  });
}

/** Runs whose states are pinned, in descending order of ids. */
export async function pinnedRuns(objects: Stores["objects"]): Promise<RunId[]> {
  return (await storedRuns(objects)).filter(({ pinned }) => pinned).map(({ run }) => run);
}
