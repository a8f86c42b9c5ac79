/** Holds the lock during changes of index and objects outside a run, so that no run works at the same time. */
import { hostname } from "node:os";
import { Locked } from "../errors.ts";
import { runId } from "../run-id.ts";
import type { Lock } from "../stores/ports.ts";
import { type KeptLease, keepLease } from "./lease.ts";

/**
 * @param purpose part of the name under which the lock is held, `<time>-<purpose>`
 * @param work must check the lease before each write
 * @throws {Locked} if a run or another command holds the lock
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
