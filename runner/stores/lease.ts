/**
 * Leases of the lock. A lease ends by the clock of whoever wrote it. Where that clock was wrong, the end lies so far in
 * the future that waiting for it is no use; then the one who wants the lock watches it by a clock that never jumps.
 */
import { setTimeout as delay } from "node:timers/promises";

/** How long a holder that gives no sign keeps the lock, in milliseconds. */
export const defaultLeaseTime = 60_000;

/** How often a watched lease is looked at while its length passes. */
const looks = 6;

/**
 * Whether no correct clock can have written the end of a lease: a lease ends at most its own length from now. As much
 * again is left for clocks that differ a little; such a lease runs out by itself.
 * @param end of the lease, in milliseconds since 1970, as is `now`
 * @param leaseTime length of a lease, in milliseconds
 */
export function isFromTheFuture(end: number, now: number, leaseTime: number): boolean {
  return end - now > 2 * leaseTime;
}

/** Says that a lease is watched, and for how long. */
export function watchNotice(held: { readonly run: string; readonly owner: string }, end: number, leaseTime: number) {
  return (
    `the lock of ${held.run} (${held.owner}) ends at ${describeTime(end)}: a clock was wrong when it was written. It is ` +
    `taken over if its holder gives no sign for ${Math.ceil(leaseTime / 1000)} s`
  );
}

/** A time in words, also one that no calendar has. @param time milliseconds since 1970 */
export function describeTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? `${time} ms after 1970` : date.toISOString();
}

/**
 * Watches a lease for its length, by the monotonic clock.
 * @param seen token and end as they were
 * @param read what is stored now; undefined where nobody holds the lock
 * @returns `abandoned` where nothing changed, `renewed` where the holder lives, `changed` where it holds the lock no more
 */
export async function watchLease(
  seen: StoredLease,
  read: () => Promise<StoredLease | undefined>,
  leaseTime: number,
): Promise<"abandoned" | "renewed" | "changed"> {
  const began = performance.now();
  for (let left = leaseTime; left > 0; left = leaseTime - (performance.now() - began)) {
    await delay(Math.min(left, leaseTime / looks));
    const present = await read();
    if (present === undefined || present.token !== seen.token) return "changed";
    if (present.lease_end !== seen.lease_end) return "renewed";
  }
  return "abandoned";
}

interface StoredLease {
  readonly token: string | null;
  readonly lease_end: number;
}
