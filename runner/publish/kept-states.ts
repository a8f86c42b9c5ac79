/**
 * Decides which states of the index stay available for rollbacks. Counts distinct states, not runs, because a run that
 * changes nothing keeps the state. States that a rollback replaced are kept as well and do not count.
 */
import type { RunId, Sha256 } from "../domain.ts";
import { messageOf, UnavailableError } from "../errors.ts";
import { runsPrefix } from "../layout.ts";
import type { RunRecord } from "../records.ts";
import type { Stores } from "../stores/ports.ts";
import { isWhole, rejectedStates, type StateChange, stateChanges } from "./index-state.ts";
import { type StoredRun, stateLeftBy, storedRuns } from "./manifest.ts";

/** Keeps the plots in the snapshot of a run, or those in its manifest if it was killed before its snapshot. */
export interface KeptState {
  readonly run: RunId;
  readonly names: "snapshot" | "manifest";
}

/** A state that may be kept. */
interface Candidate {
  readonly run: Pick<RunRecord, "id" | "index">;
  readonly whole: boolean;
  /** Whether a rollback restored it. */
  readonly restored: boolean;
}

/**
 * Selects the states to keep:
 * - the last `count` distinct states and the last `count` whole ones, not counting states that a rollback replaced,
 * - every state that a rollback restored or replaced,
 * - every state that `replot keep` pinned,
 * - the manifests of runs that were killed before their snapshot, as far back as the last distinct states.
 * @returns newest first
 * @throws {UnavailableError} if the state that a run left can't be read
 */
export async function statesToKeep(
  { objects, ledger }: Pick<Stores, "objects" | "ledger">,
  count: number,
): Promise<KeptState[]> {
  const stored = new Map((await storedRuns(objects)).map((run) => [run.run, run]));
  const runs = await ledger.runs();
  const changes = stateChanges(runs);
  const digests = new Map(runs.flatMap(({ id, index }) => (index === undefined ? [] : [[id, index.digest]])));
  const rejected = rejectedStates(changes, (run) => digests.get(run));
  const replaced = new Set(changes.flatMap(({ rollback }) => rollback?.from ?? []));
  const [last, lastWhole] = [distinct(count), distinct(count)];

  const kept = new Map<RunId, KeptState>();
  const keptDigests = new Set<Sha256>();
  for (const { run, whole, restored } of [...changes.map(candidate), ...withoutRecord(stored, runs)]) {
    const left = stored.get(run.id);
    if (left === undefined) continue;
    if (!left.snapshot) {
      if (!last.full() && left.manifest) kept.set(run.id, { run: run.id, names: "manifest" });
      continue;
    }
    const counts = !last.full() || (whole && !lastWhole.full());
    const digest = digests.get(run.id) ?? (counts ? await readDigest(objects, run) : undefined);
    const fixed = left.pinned || restored;
    if (digest === undefined) {
      if (fixed) kept.set(run.id, { run: run.id, names: "snapshot" });
      continue;
    }
    digests.set(run.id, digest);
    const counted = !rejected.has(digest) && [last.admits(digest), whole && lastWhole.admits(digest)].includes(true);
    if (!(fixed || counted || replaced.has(digest)) || keptDigests.has(digest)) continue;
    keptDigests.add(digest);
    kept.set(run.id, { run: run.id, names: "snapshot" });
  }
  return [...kept.values()];
}

function candidate({ run, rollback }: StateChange): Candidate {
  return { run, whole: isWhole(run), restored: rollback !== undefined };
}

/** Runs whose ledger entries have expired, and which are therefore older than all others. */
function withoutRecord(stored: ReadonlyMap<RunId, StoredRun>, runs: readonly RunRecord[]): Candidate[] {
  const known = new Set(runs.map(({ id }) => id));
  return [...stored.keys()]
    .filter((id) => !known.has(id))
    .map((id) => ({ run: { id, index: undefined }, whole: false, restored: false }));
}

/** Collects the first `count` distinct digests. */
function distinct(count: number): { full(): boolean; admits(digest: Sha256): boolean } {
  const seen = new Set<Sha256>();
  return {
    full: () => seen.size >= count,
    admits(digest) {
      if (seen.size < count) seen.add(digest);
      return seen.has(digest);
    },
  };
}

async function readDigest(objects: Stores["objects"], run: Candidate["run"]): Promise<Sha256 | undefined> {
  try {
    return (await stateLeftBy(objects, run))?.digest;
  } catch (thrown) {
    throw unreadable(objects, run.id, thrown);
  }
}

/** The error for a run whose snapshot or manifest can't be read, which stops any removal. */
export function unreadable(objects: Stores["objects"], run: RunId, thrown: unknown): UnavailableError {
  return new UnavailableError(
    `nothing was removed, because it can't be told what run ${run} needs: ${messageOf(thrown)}. If that run need not ` +
      `be gone back to, remove ${objects.location(`${runsPrefix}${run}`)} and prune again`,
  );
}
