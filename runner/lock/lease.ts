/** Keeps the lock's lease alive while a run goes on, and says when it was lost. */
import { messageOf, UnavailableError } from "../errors.ts";
import type { Lease } from "../stores/ports.ts";

const beatMilliseconds = 10_000;

export interface KeptLease {
  /** Throws where the lease is not ours any more: then nothing may be written. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/**
 * @param onLost called once, when another run has taken the lease
 */
export function keepLease(lease: Lease, onLost: (reason: UnavailableError) => void): KeptLease {
  let lost: UnavailableError | undefined;

  async function check(): Promise<void> {
    if (!lost && !(await lease.renew())) {
      lost = new UnavailableError("the lock was lost to another run; this one stops and writes nothing more");
      onLost(lost);
    }
    if (lost) throw lost;
  }

  // a beat that fails for a passing reason is followed by the next one; the lease outlives several
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
