/**
 * What a run leaves behind for those who come after it: the manifest, each plot that was expected of the run and what
 * became of it; and the snapshot, the whole index as the run left it, which a rollback restores.
 */
import { RunId } from "../domain.ts";
import { runKeys, runsPrefix } from "../layout.ts";
import { IndexRow, ManifestLine } from "../records.ts";
import type { ObjectStore, PlotIndex } from "../stores/ports.ts";
import { readLines, writeLines } from "./ndjson.ts";

export async function writeManifest(
  objects: ObjectStore,
  run: RunId,
  lines: Iterable<ManifestLine> | AsyncIterable<ManifestLine>,
): Promise<void> {
  await writeLines(objects, runKeys.manifest(run), lines);
}

/** @throws {CannotWork} where there is none, or it is damaged: with key and line */
export function readManifest(objects: ObjectStore, run: RunId): AsyncGenerator<ManifestLine> {
  return readLines(objects, runKeys.manifest(run), ManifestLine);
}

/** Writes the index as it is now. Call it under the lock, or rows of two moments get mixed. */
export async function writeIndexSnapshot(objects: ObjectStore, run: RunId, index: PlotIndex): Promise<void> {
  await writeLines(objects, runKeys.index(run), index.all());
}

/** @throws {CannotWork} where there is none, or it is damaged: with key and line */
export function readIndexSnapshot(objects: ObjectStore, run: RunId): AsyncGenerator<IndexRow> {
  return readLines(objects, runKeys.index(run), IndexRow);
}

/** A run of which something to go back to is stored. */
export interface StoredRun {
  readonly run: RunId;
  readonly manifest: boolean;
  readonly snapshot: boolean;
}

/**
 * Runs that left a manifest or a snapshot, newest first. From the objects themselves, not from the ledger: entries of a
 * ledger may expire.
 */
export async function storedRuns(objects: ObjectStore): Promise<StoredRun[]> {
  const found = new Map<RunId, StoredRun>();
  for await (const { key } of objects.list(runsPrefix)) {
    const { success, data: run } = RunId.safeParse(key.slice(runsPrefix.length).split("/")[0]);
    if (!success) continue;
    const known = found.get(run) ?? { run, manifest: false, snapshot: false };
    if (key === runKeys.manifest(run)) found.set(run, { ...known, manifest: true });
    if (key === runKeys.index(run)) found.set(run, { ...known, snapshot: true });
  }
  return [...found.values()].sort((a, b) => (a.run < b.run ? 1 : -1));
}
