/** What the machine refused, in words that name the path and what to do; the system's code stays readable. */
import { messageOf, ReplotError, systemCode, UnavailableError } from "../../errors.ts";

/** A file or the database could not be read or written. `code` is the system's (`ENOSPC`), or SQLite's (`SQLITE_FULL`). */
export class StoreFailure extends UnavailableError {
  readonly code: string | undefined;
  readonly path: string;

  constructor(message: string, path: string, code: string | undefined, cause: unknown) {
    super(message, { cause });
    this.path = path;
    this.code = code;
  }
}

const explanations: Readonly<Record<string, string>> = {
  ENOSPC: "disk full; free some space there, or choose another --home",
  EDQUOT: "disk full (the user's quota is used up); free some space there, or choose another --home",
  EACCES: "permission denied; let the user who runs replot read and write there",
  EPERM: "permission denied; let the user who runs replot read and write there",
  EROFS: "the file system is read-only",
  EISDIR: "a directory lies where a file should be",
  EEXIST: "a file lies where a directory should be",
  ENOTDIR: "a file lies where a directory should be",
  EMFILE: "too many open files; raise the limit (ulimit -n)",
};

/**
 * @param doing `could not write`, `could not read`
 * @returns a failure whose message reads `could not write /x/y: disk full; …`; what speaks for itself comes back as it is
 */
export function storeFailure(doing: string, path: string, thrown: unknown): ReplotError {
  if (thrown instanceof ReplotError) return thrown;
  const code = systemCode(thrown);
  const why = (code === undefined ? undefined : explanations[code]) ?? messageOf(thrown);
  return new StoreFailure(`${doing} ${path}: ${why}`, path, code, thrown);
}

/** Whether there simply is nothing at a path. */
export function isAbsent(thrown: unknown): boolean {
  const code = systemCode(thrown);
  return code === "ENOENT" || code === "ENOTDIR";
}
