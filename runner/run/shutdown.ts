/** Time limits for the steps that follow the stop of a run. */
import { UnavailableError } from "../errors.ts";

/** A step exceeded its time limit. It may continue in the background until the process ends. */
export class ShutdownTimeout extends UnavailableError {}

/**
 * Waits for a step without limit while the run continues, and for at most `seconds` once it is stopped.
 * @param stop aborted when the run is stopped
 * @param what names the step in the error
 * @throws ShutdownTimeout
 */
export async function withTimeoutAfterAbort<T>(
  stop: AbortSignal,
  seconds: number,
  what: string,
  step: Promise<T>,
): Promise<T> {
  // a step that fails after its time limit has no other handler
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
 * Seconds that each step may take after a stop. Their sum is well below the time that a task has between TERM and KILL
 * (`stopTimeouts` in `deployment/task-containers.ts`). The ledger and the e-mail come first.
 */
export const shutdownBudgets = { cities: 20, rows: 7, ledger: 10, notification: 15, records: 12, lock: 4 } as const;
