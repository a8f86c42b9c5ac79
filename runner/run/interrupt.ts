/** Ctrl-C, SIGTERM and a terminal that is closed: the first asks the run to stop and tell the truth, a second one ends at once. */
import { ExitCode } from "../errors.ts";

/** A terminal and a launcher (npx) may both deliver one press of Ctrl-C. */
const samePressMilliseconds = 500;

export const interruptions = {
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
  SIGHUP: ExitCode.terminated,
} as const;
export type Interruption = keyof typeof interruptions;

/**
 * @param stop aborted with the signal's name by the first signal
 * @param onFirst tells the person what happens now
 * @returns takes the handlers away again
 */
export function listenForInterrupts(stop: AbortController, onFirst: (signal: Interruption) => void): () => void {
  let first: number | undefined;
  const handlers = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const handler = () => {
      if (first === undefined) {
        first = Date.now();
        onFirst(signal);
        stop.abort(signal);
      } else if (Date.now() - first > samePressMilliseconds) {
        process.exit(interruptions[signal]);
      }
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };
}

/** The exit code of a run that a signal stopped; undefined where none did. */
export function interruptionCode(stop: AbortSignal): ExitCode | undefined {
  const reason: unknown = stop.reason;
  return reason === "SIGINT" || reason === "SIGTERM" || reason === "SIGHUP" ? interruptions[reason] : undefined;
}
