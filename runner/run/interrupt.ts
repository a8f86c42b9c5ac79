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

/** Why a run was stopped: the `reason` of its abort signal. */
export class Stopped {
  readonly signal: Interruption;
  /** For the report: `stopped by SIGTERM`. */
  readonly words: string;

  constructor(signal: Interruption, words: string = `stopped by ${signal}`) {
    this.signal = signal;
    this.words = words;
  }
}

/**
 * @param stop aborted with {@link Stopped} by the first signal
 * @param onFirst tells the person what happens now
 * @param explain words for the report, where more is known than the signal's name
 * @returns takes the handlers away again
 */
export function listenForInterrupts(
  stop: AbortController,
  onFirst: (signal: Interruption) => void,
  explain: (signal: Interruption) => string | undefined = () => undefined,
): () => void {
  let first: number | undefined;
  const handlers = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const handler = () => {
      if (first === undefined) {
        first = Date.now();
        onFirst(signal);
        stop.abort(new Stopped(signal, explain(signal)));
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
  return reason instanceof Stopped ? interruptions[reason.signal] : undefined;
}
