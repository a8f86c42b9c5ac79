/** Work on index and objects outside a run: under the lock, so that no run is at it meanwhile. */
import { hostname } from "node:os";
import { Locked } from "../errors.ts";
import { runId } from "../run-id.ts";
import type { Lock } from "../stores/ports.ts";
import { type KeptLease, keepLease } from "./lease.ts";

/**
 * @param purpose what holds the lock is called `<time>-<purpose>`
 * @param work checks the lease before each of its writes
 * @throws {Locked} where a run, or other such work, holds the lock
 */
export async function withLock<T>(lock: Lock, purpose: string, work: (lease: KeptLease) => Promise<T>): Promise<T> {
  const now = Date.now();
  const acquired = await lock.acquire({
    run: runId(now, purpose),
    owner: `${hostname()}:${process.pid}`,
    since: new Date(now).toISOString(),
  });
  if ("heldBy" in acquired) {
    const { run, owner, since } = acquired.heldBy;
    throw new Locked(`${run} is at work (since ${since}, ${owner}); do this again when it has ended`);
  }
  const lease = keepLease(acquired, () => {});
  try {
    return await work(lease);
  } finally {
    await lease.release();
  }
}
