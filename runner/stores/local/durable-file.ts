/** Files that are there whole or not at all, and still there after a power cut. */
import { closeSync, fstatSync, fsync, openSync, rmSync, writeSync } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { systemCode } from "../../errors.ts";

/**
 * Writes aside, syncs, then renames, over an older file of that name if there is one. The new name itself is safe only
 * once its directory was synced, too.
 * @param aside a name nobody else uses, on the same file system
 */
export async function writeWhole(path: string, aside: string, body: Uint8Array): Promise<void> {
  try {
    await writeSynced(aside, body);
    await rename(aside, path).catch(async (thrown: unknown) => {
      if (systemCode(thrown) !== "ENOENT") throw thrown;
      await makeDirectory(dirname(path));
      await rename(aside, path);
    });
  } catch (thrown) {
    rmSync(aside, { force: true });
    throw thrown;
  }
}

const sync = promisify(fsync);

/** Only the sync waits for the disk; the other calls touch memory, and cost a fraction within the thread. */
async function writeSynced(path: string, body: Uint8Array): Promise<void> {
  const file = openSync(path, "wx", 0o666);
  try {
    for (let written = 0; written < body.byteLength; ) written += writeSync(file, body, written);
    await sync(file);
    const { size } = fstatSync(file);
    if (size !== body.byteLength) throw new Error(`${size} of ${body.byteLength} bytes were stored`);
  } finally {
    closeSync(file);
  }
}

/** Makes a directory and those above it, each durable but the last, whose content is still to come. */
async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) await syncNow(dirname(made));
}

/**
 * Syncs directories, once for everybody who waits: a sync covers each name made before it began, so those who come
 * while one is under way share the next.
 */
export function directorySync(): (directory: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();
  return (directory) => {
    const next = waiting.get(directory);
    if (next !== undefined) return next;
    const before = running.get(directory) ?? Promise.resolve();
    const mine = before
      .catch(() => {})
      .then(() => {
        waiting.delete(directory);
        running.set(directory, mine);
        return syncNow(directory);
      })
      .finally(() => {
        if (running.get(directory) === mine) running.delete(directory);
      });
    waiting.set(directory, mine);
    return mine;
  };
}

async function syncNow(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
