/** A bucket in a directory: an object's key is its path, its content the stored bytes. */
import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import pLimit from "p-limit";
import { systemCode } from "../../errors.ts";
import type { ObjectStore } from "../ports.ts";
import { directorySync, writeWhole } from "./durable-file.ts";
import { isAbsent, storeFailure } from "./failure.ts";
import { directoryOfPrefix, incoming, pathOfKey } from "./key.ts";

export interface LocalObjectStore extends ObjectStore {
  /** Removes what interrupted writes left. Only for who holds the lock: nobody else may be writing. */
  sweep(): Promise<void>;
}

const atOnce = 32;

/**
 * Opens the bucket in a directory, which must exist.
 *
 * An object counts as confirmed once its bytes and its name are synced and its size is what was sent. Reading it back
 * would only read the kernel's cache; `verify` is there for what disks do later.
 */
export function openObjects(directory: string): LocalObjectStore {
  const sync = directorySync();
  const aside = join(directory, incoming);

  const write = async (path: string, body: Uint8Array): Promise<void> => {
    const name = join(aside, randomUUID());
    try {
      await writeWhole(path, name, body);
    } catch (thrown) {
      if (systemCode(thrown) !== "ENOENT") throw thrown;
      await mkdir(aside, { recursive: true });
      await writeWhole(path, name, body);
    }
    await sync(dirname(path));
  };

  return {
    async put({ key, body }) {
      const path = pathOfKey(directory, key);
      await write(path, body).catch((thrown: unknown) => {
        throw storeFailure("could not write", path, thrown);
      });
    },

    async get(key) {
      const path = pathOfKey(directory, key);
      try {
        return await readFile(path);
      } catch (thrown) {
        if (isAbsent(thrown)) return undefined;
        throw storeFailure("could not read", path, thrown);
      }
    },

    async has(key) {
      const path = pathOfKey(directory, key);
      try {
        return (await stat(path)).isFile();
      } catch (thrown) {
        if (isAbsent(thrown)) return false;
        throw storeFailure("could not read", path, thrown);
      }
    },

    list: (prefix) => walk(directory, directoryOfPrefix(prefix), prefix),

    async remove(keys) {
      const limit = pLimit(atOnce);
      const parents = new Set<string>();
      await limit.map(keys, async (key) => {
        const path = pathOfKey(directory, key);
        parents.add(dirname(path));
        await unlink(path).catch((thrown: unknown) => {
          if (!isAbsent(thrown)) throw storeFailure("could not remove", path, thrown);
        });
      });
      for (const parent of parents) await removeEmpty(parent, directory);
    },

    location: (key) => pathOfKey(directory, key),

    sweep: () => rm(aside, { recursive: true, force: true }),
  };
}

/** Objects below a directory in the order of their keys. */
async function* walk(
  root: string,
  below: string,
  prefix: string,
): AsyncGenerator<{ readonly key: string; readonly bytes: number }> {
  const path = join(root, below);
  const entries = await readdir(path, { withFileTypes: true }).catch((thrown: unknown) => {
    if (isAbsent(thrown)) return [];
    throw storeFailure("could not read", path, thrown);
  });
  const names = entries
    .filter((entry) => !(below === "" && entry.name === incoming))
    // keys are compared whole, and there a directory's name goes on with a slash
    .map((entry) => ({ directory: entry.isDirectory(), key: `${below === "" ? "" : `${below}/`}${entry.name}` }))
    .map((entry) => (entry.directory ? { ...entry, key: `${entry.key}/` } : entry))
    .filter(({ directory, key }) => key.startsWith(prefix) || (directory && prefix.startsWith(key)))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

  for (const [n, { directory, key }] of names.entries()) {
    // others get their turn: a cold disk takes its time for each name
    if (n % atOnce === 0) await setImmediate();
    const bytes = directory ? undefined : sizeOf(join(root, key));
    if (directory) yield* walk(root, key.slice(0, -1), prefix);
    else if (bytes !== undefined) yield { key, bytes };
  }
}

/** Undefined where it has gone since the directory was read. Synchronous: tens of thousands cost a tenth of the time. */
function sizeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size;
  } catch (thrown) {
    throw storeFailure("could not read", path, thrown);
  }
}

/** Removes a directory and those above it as long as they are empty; never the root. */
async function removeEmpty(directory: string, root: string): Promise<void> {
  for (let path = directory; path.length > root.length; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch (thrown) {
      if (isAbsent(thrown)) continue;
      if (systemCode(thrown) === "ENOTEMPTY" || systemCode(thrown) === "EEXIST") return;
      throw storeFailure("could not remove", path, thrown);
    }
  }
}
