/** Errors that a person reads: what happened, where, and what to do next. Anything else that is thrown is a bug. */
import { cleanLines, firstOf } from "./text/clean.ts";

/** Exit codes of the command line; docs/commands.md has their meaning. */
export const ExitCode = {
  complete: 0,
  gaps: 1,
  wrongRequest: 2,
  cannotWork: 3,
  locked: 4,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

abstract class ReplotError extends Error {
  abstract readonly exitCode: ExitCode;
}

/** The request was wrong: usage, catalog, settings. Nothing was started. */
export class UsageError extends ReplotError {
  override readonly name = "UsageError";
  readonly exitCode = ExitCode.wrongRequest;
}

/** Could not work at all (no R, no store, no permission), or could not report. */
export class UnavailableError extends ReplotError {
  override readonly name = "UnavailableError";
  readonly exitCode = ExitCode.cannotWork;
}

/** Another run holds the lock. */
export class Locked extends ReplotError {
  override readonly name = "Locked";
  readonly exitCode = ExitCode.locked;
}

/** The same was asked for twice, and the first is at it or has done it: nothing is wrong, and nothing is left to do. */
export class Duplicate extends ReplotError {
  override readonly name = "Duplicate";
  readonly exitCode = ExitCode.complete;
}

/** Codes of a failed write that say that nobody reads the output any more. */
const readerGone: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO"]);

/** Standard output takes no more: its reader has gone, or the disk below it is full. */
export class OutputLost extends ReplotError {
  override readonly name = "OutputLost";
  readonly exitCode = ExitCode.cannotWork;
  /** The reader closed it (`| head`, a closed terminal): that is the reader's choice, and no failure. */
  readonly readerGone: boolean;

  /** @param error of the write that failed */
  constructor(error: Error) {
    super(`standard output is lost: ${error.message}`);
    this.readerGone = readerGone.has(systemCode(error));
  }
}

export { ReplotError };

/** Lines of a message that comes from elsewhere, at most. */
const messageLines = 10;

/** The message of whatever was thrown; one that is not ours (a parser's, a service's) is cleaned and cut to size. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof ReplotError) return thrown.message;
  const lines = cleanLines(thrown instanceof Error ? thrown.message : String(thrown));
  return firstOf(lines, messageLines, (more) => `… and ${more} more lines`).join("\n");
}

/** The system's code of an error (`ENOENT`, `ENOSPC`), if it has one. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}
