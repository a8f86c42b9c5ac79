/** SQLite's error codes in words. */
import { messageOf } from "../../errors.ts";
import { StoreFailure } from "./failure.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const codes = {
  perm: 3,
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  notadb: 26,
} as const;

function primaryCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return undefined;
  return thrown.errcode & 0xff;
}

/** Whether another process is in the way for the moment. */
export function isBusy(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === codes.busy || code === codes.locked;
}

/**
 * @param waited milliseconds spent waiting for a lock
 * @returns what to throw: errors that are not SQLite's come back as they are
 */
export function sqliteFailure(path: string, thrown: unknown, waited: number): unknown {
  const code = primaryCode(thrown);
  if (code === undefined) return thrown;
  const told = tell(code, path, waited, messageOf(thrown));
  return new StoreFailure(told.message, path, told.code, thrown);
}

function tell(code: number, path: string, waited: number, original: string): { message: string; code: string } {
  const database = `the state database ${path}`;
  switch (code) {
    case codes.busy:
    case codes.locked:
      return {
        code: "SQLITE_BUSY",
        message:
          `${database} is locked by another process (waited ${(waited / 1000).toFixed(0)} s). ` +
          `Close what has it open (\`fuser ${path}\` names it) and try again`,
      };
    case codes.full:
      return {
        code: "ENOSPC",
        message: `could not write ${database}: disk full; free some space there, or choose another --home`,
      };
    case codes.readonly:
    case codes.perm:
      return {
        code: "SQLITE_READONLY",
        message: `${database} is read-only (${original}). Let the user who runs replot write it and its directory`,
      };
    case codes.cantopen:
      return {
        code: "SQLITE_CANTOPEN",
        message: `could not open ${database} (${original}). Let the user who runs replot write it and its directory`,
      };
    case codes.corrupt:
    case codes.notadb:
      return {
        code: "SQLITE_CORRUPT",
        message:
          `${database} is damaged, or is no SQLite database (${original}). Restore it from a copy, or move it away and ` +
          "run again: the plots are still in the objects directory, the next run renders everything and lists it anew",
      };
    case codes.ioerr:
      return {
        code: "SQLITE_IOERR",
        message: `${database} could not be read or written (${original}). Check the disk`,
      };
    default:
      return { code: "SQLITE_ERROR", message: `${database}: ${original}` };
  }
}
