/**
 * Reads what R wrote. R could have put a link, a pipe or a file without end in a file's place, so that reading it would
 * publish somebody else's file, wait for ever, or fill the memory.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { systemCode } from "../errors.ts";
import { count } from "../format/format.ts";

/** What is wrong with a file; `message` continues "the file …". */
export class UnfitOutput extends Error {
  override readonly name = "UnfitOutput";
}

/** A link is not followed, and a pipe is not waited for. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a whole file. Synchronously, since R has just written it: it is in memory, and a read that does not leave the
 * thread costs a third of one that does.
 * @param limit in bytes
 * @param limitedBy who sets the limit, as the message ends: `the catalog allows`
 * @throws UnfitOutput where it is not a plain file, or larger than the limit
 */
export function readOutput(path: string, limit: number, limitedBy = "that are read"): Buffer {
  return withPlainFile(path, (file, size) => {
    if (size > limit) {
      throw new UnfitOutput(`has ${count(size)} bytes, more than the ${count(limit)} ${limitedBy}`);
    }
    return readAt(file, 0, size);
  });
}

/**
 * Reads the end of a file.
 * @returns at most `limit` bytes, and how many lie before them
 * @throws UnfitOutput where it is not a plain file
 */
export function readOutputEnd(path: string, limit: number): { readonly bytes: Buffer; readonly before: number } {
  return withPlainFile(path, (file, size) => {
    const before = Math.max(0, size - limit);
    return { bytes: readAt(file, before, size - before), before };
  });
}

function withPlainFile<T>(path: string, use: (file: number, size: number) => T): T {
  const file = openPlain(path);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new UnfitOutput("is not a plain file");
    return use(file, stats.size);
  } finally {
    closeSync(file);
  }
}

function openPlain(path: string): number {
  try {
    return openSync(path, openFlags);
  } catch (error) {
    // a link; a socket
    if (["ELOOP", "EMLINK", "ENXIO"].includes(systemCode(error) ?? "")) throw new UnfitOutput("is not a plain file");
    throw error;
  }
}

/** A file that shrinks meanwhile gives what there is. */
function readAt(file: number, start: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(file, buffer, filled, length - filled, start + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}
