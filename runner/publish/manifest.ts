/**
 * Reads and writes the two files that a run stores: the manifest, which lists each expected plot with its status, and the
 * snapshot of the whole index after the run, which a rollback restores.
 */
import { RunId } from "../domain.ts";
import { pinKeys, pinsPrefix, runKeys, runsPrefix } from "../layout.ts";
import { IndexRow, type IndexState, ManifestLine, type RunRecord } from "../records.ts";
import type { ObjectStore, PlotIndex } from "../stores/ports.ts";
import { stateDigest } from "./index-state.ts";
import { readLines, writeLines } from "./ndjson.ts";

export async function writeManifest(
  objects: ObjectStore,
  run: RunId,
  lines: Iterable<ManifestLine> | AsyncIterable<ManifestLine>,
): Promise<void> {
  await writeLines(objects, runKeys.manifest(run), lines);
}

/** @throws {UnavailableError} with key and line, if the manifest is missing or damaged */
export function readManifest(objects: ObjectStore, run: RunId): AsyncGenerator<ManifestLine> {
  return readLines(objects, runKeys.manifest(run), ManifestLine);
}

/**
 * Writes a snapshot of the present index. Requires the lock, so that rows do not change meanwhile.
 * @returns digest and size of the state that was written
 */
export async function writeIndexSnapshot(objects: ObjectStore, run: RunId, index: PlotIndex): Promise<StateId> {
  const state = stateDigest();
  async function* rows() {
    for await (const row of index.all()) {
      state.add(row);
      yield row;
    }
  }
  await writeLines(objects, runKeys.index(run), rows());
  return { digest: state.digest(), rows: state.rows() };
}

/** Identifies a state of the index. */
export type StateId = Pick<IndexState, "digest" | "rows">;

/**
 * Reads the snapshot of a run, or the copy that `replot keep` made of it.
 * @throws {UnavailableError} with key and line, if the snapshot is missing or damaged
 */
export async function* readIndexSnapshot(objects: ObjectStore, run: RunId): AsyncGenerator<IndexRow> {
  const key = (await snapshotKey(objects, run)) ?? runKeys.index(run);
  yield* readLines(objects, key, IndexRow);
}

/** Key of a run's snapshot, or of its pinned copy; undefined if there is neither. */
export async function snapshotKey(objects: ObjectStore, run: RunId): Promise<string | undefined> {
  for (const key of [runKeys.index(run), pinKeys.index(run)]) if (await objects.has(key)) return key;
  return undefined;
}

/**
 * The state that a run left, from its record or, for records of older versions, from its snapshot.
 * @returns undefined if the run left no snapshot
 * @throws {UnavailableError} if the snapshot is damaged
 */
export async function stateLeftBy(
  objects: ObjectStore,
  { id, index }: Pick<RunRecord, "id" | "index">,
): Promise<StateId | undefined> {
  if ((await snapshotKey(objects, id)) === undefined) return undefined;
  if (index !== undefined) return index;
  const state = stateDigest();
  for await (const row of readIndexSnapshot(objects, id)) state.add(row);
  return { digest: state.digest(), rows: state.rows() };
}

/** A run with a stored manifest or snapshot. */
export interface StoredRun {
  readonly run: RunId;
  readonly manifest: boolean;
  /** The snapshot, or the copy that pins it. */
  readonly snapshot: boolean;
  readonly pinned: boolean;
}

/**
 * Runs that left a manifest or a snapshot, in descending order of ids. Reads the object store, because entries of the
 * ledger may expire.
 */
export async function storedRuns(objects: ObjectStore): Promise<StoredRun[]> {
  const found = new Map<RunId, StoredRun>();
  const note = (run: RunId, more: Partial<StoredRun>) =>
    found.set(run, { run, manifest: false, snapshot: false, pinned: false, ...found.get(run), ...more });
  for (const prefix of [runsPrefix, pinsPrefix]) {
    for await (const { key } of objects.list(prefix)) {
      const { success, data: run } = RunId.safeParse(key.slice(prefix.length).split("/")[0]);
      if (!success) continue;
      if (key === runKeys.manifest(run)) note(run, { manifest: true });
      else if (key === runKeys.index(run)) note(run, { snapshot: true });
      else if (key === pinKeys.index(run)) note(run, { snapshot: true, pinned: true });
    }
  }
  return [...found.values()].sort((a, b) => (a.run < b.run ? 1 : -1));
}
