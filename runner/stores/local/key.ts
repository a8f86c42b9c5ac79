/** Object keys as paths below the bucket's directory. */
import { join } from "node:path";
import { checkKey, checkPrefix } from "../object-key.ts";

/** Where objects are written before they get their names. On the same file system, so that a rename can move them. */
export const incoming = ".incoming";

/**
 * @returns the object's path
 * @throws {Error} for a key that no layout makes: that is a bug, and could reach outside the directory
 */
export function pathOfKey(directory: string, key: string): string {
  checkKey(key);
  if (reserved(key)) throw new Error(`not an object key: ${JSON.stringify(key)}`);
  return join(directory, key);
}

/** @returns the deepest directory, as a key, that holds everything under a prefix; empty for the whole bucket */
export function directoryOfPrefix(prefix: string): string {
  checkPrefix(prefix);
  if (reserved(prefix)) throw new Error(`not a prefix of object keys: ${JSON.stringify(prefix)}`);
  return prefix.slice(0, prefix.lastIndexOf("/") + 1).replace(/\/$/, "");
}

function reserved(key: string): boolean {
  return key.split("/")[0] === incoming;
}
