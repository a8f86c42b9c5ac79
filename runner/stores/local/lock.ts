/** The lock that keeps two runs apart: one row, taken and kept by conditional writes. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { RunId } from "../../domain.ts";
import { identify, isDead } from "../../processes.ts";
import { defaultLeaseTime, isFromTheFuture, watchLease, watchNotice } from "../lease.ts";
import type { Lease, Lock, LockHolder } from "../ports.ts";
import { parseStored } from "../stored.ts";
import type { StateDatabase } from "./database.ts";

export interface LockOptions {
  /** How long a holder that gives no sign keeps the lock, in milliseconds. Default 60 s. */
  readonly leaseTime?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Told where a lease can't be right and is watched. Default: a warning of the process. */
  readonly notice?: (text: string) => void;
  /** Called by a new holder before it goes on: the moment to clear up what an earlier one left behind. */
  readonly acquired?: () => Promise<void>;
}

const StoredLock = z.object({
  run: RunId,
  owner: z.string(),
  since: z.string(),
  lease_end: z.int(),
  token: z.string().nullable(),
  machine: z.string().nullable(),
  pid: z.int().nullable(),
  process_start: z.string().nullable(),
});
type StoredLock = z.infer<typeof StoredLock>;

/** The lock over an open state database. Renewing in time is up to the holder. */
export function openLock(database: StateDatabase, options: LockOptions = {}): Lock {
  const { leaseTime = defaultLeaseTime, now = Date.now, acquired } = options;
  const notice = options.notice ?? ((text) => process.emitWarning(text));

  const read = async (): Promise<StoredLock | undefined> => {
    const row = await database.get("SELECT * FROM lock WHERE id = 1");
    return row === undefined ? undefined : parseStored(StoredLock, row, `${database.path}: lock`);
  };

  /** Takes the lock if it is still as it was seen. */
  const take = async (holder: LockHolder, seen: StoredLock | undefined): Promise<string | undefined> => {
    const token = randomUUID();
    const self = await identify();
    const taken = await database.transaction((transaction) => {
      if (seen !== undefined) {
        // a lock of version 1 has no token; its lease's end serves
        transaction.run("DELETE FROM lock WHERE token IS ? AND lease_end = ?", seen.token, seen.lease_end);
      }
      return transaction.run(
        `INSERT INTO lock (id, run, owner, since, lease_end, token, machine, pid, process_start)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        holder.run,
        holder.owner,
        holder.since,
        now() + leaseTime,
        token,
        self.machine,
        self.pid,
        self.start ?? null,
      );
    });
    return taken === 1 ? token : undefined;
  };

  const judge = async (seen: StoredLock): Promise<"free" | "held" | "changed"> => {
    if (seen.lease_end <= now() || (await holderIsDead(seen))) return "free";
    if (!isFromTheFuture(seen.lease_end, now(), leaseTime)) return "held";
    notice(watchNotice(seen, seen.lease_end, leaseTime));
    const watched = await watchLease(seen, read, leaseTime);
    return watched === "changed" ? watched : watched === "abandoned" ? "free" : "held";
  };

  const lease = (token: string): Lease => ({
    async renew() {
      const renewed = await database.transaction((transaction) =>
        transaction.run("UPDATE lock SET lease_end = ? WHERE token = ?", now() + leaseTime, token),
      );
      return renewed === 1;
    },
    async release() {
      await database.transaction((transaction) => transaction.run("DELETE FROM lock WHERE token = ?", token));
    },
  });

  return {
    async acquire(holder) {
      for (;;) {
        const seen = await read();
        const verdict = seen === undefined ? "free" : await judge(seen);
        if (verdict === "changed") continue;
        if (seen !== undefined && verdict === "held") {
          return { heldBy: { run: seen.run, owner: seen.owner, since: seen.since } };
        }
        const token = await take(holder, seen);
        if (token === undefined) continue;
        const taken = lease(token);
        try {
          await acquired?.();
        } catch (thrown) {
          await taken.release();
          throw thrown;
        }
        return taken;
      }
    },
  };
}

async function holderIsDead(lock: StoredLock): Promise<boolean> {
  if (lock.machine === null || lock.pid === null) return false;
  return isDead({ machine: lock.machine, pid: lock.pid, start: lock.process_start ?? undefined });
}
