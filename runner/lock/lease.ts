/** Renews the lease of the lock during a run, and reports when it is lost. */
import { messageOf, UnavailableError } from "../errors.ts";
import type { Lease } from "../stores/ports.ts";

const beatMilliseconds = 10_000;

export interface KeptLease {
  /** @throws {UnavailableError} if another run holds the lock; then nothing may be written */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** @param onLost called once, when another run has taken the lock */
export function keepLease(lease: Lease, onLost: (reason: UnavailableError) => void): KeptLease {
  let lost: UnavailableError | undefined;

  async function check(): Promise<void> {
    if (!lost && !(await lease.renew())) {
      lost = new UnavailableError("the lock was lost to another run; this one stops and writes nothing more");
      onLost(lost);
    }
    if (lost) throw lost;
  }

  // a single renewal may fail: the lease lasts for several intervals
  const beat = setInterval(() => {
    check().catch((error: unknown) => {
      if (error !== lost) process.emitWarning(`could not renew the lock: ${messageOf(error)}`);
    });
  }, beatMilliseconds);
  beat.unref();

  return {
    check,
    async release() {
      clearInterval(beat);
      if (!lost) await lease.release();
    },
  };
}
