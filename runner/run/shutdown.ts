/** What is still done after a run was stopped has a bound: whoever stopped it does not wait for ever. */
import { UnavailableError } from "../errors.ts";

/** A step that was given up on. It may go on in the background until the process ends. */
export class ShutdownTimeout extends UnavailableError {}

/**
 * Waits for a step as long as the run goes on; once the run is stopped, only so much longer.
 * @throws TooLate
 */
export async function withTimeoutAfterAbort<T>(
  stop: AbortSignal,
  seconds: number,
  what: string,
  step: Promise<T>,
): Promise<T> {
  // given up on, it may still fail; nobody listens then
  step.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  let listen = () => {};
  const late = new Promise<never>((_, reject) => {
    listen = () => {
      const give = () => reject(new ShutdownTimeout(`${what} took more than ${seconds} s after the run was stopped`));
      timer = setTimeout(give, seconds * 1000);
    };
    if (stop.aborted) listen();
    else stop.addEventListener("abort", listen, { once: true });
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", listen);
  }
}

/**
 * Seconds that each step of the end may take after a stop. Together they stay well below what a task is given between
 * TERM and KILL (`stopTimeouts` of `task.ts`): the ledger and the e-mail are out before the rest is tried.
 */
export const shutdownBudgets = { cities: 20, rows: 7, ledger: 10, notification: 15, records: 12, lock: 4 } as const;
