/** Finds the state of the index that readers see, and the earlier state to offer for a rollback. */
import type { RunId, Sha256 } from "../domain.ts";
import type { Stores } from "../stores/ports.ts";
import { isWhole, rejectedStates, type StateChange, stateChanges } from "./index-state.ts";
import { stateLeftBy } from "./manifest.ts";

/** The run or rollback that last determined the rows; undefined if the ledger is empty. */
export async function latestChange({ ledger }: Pick<Stores, "ledger">): Promise<StateChange | undefined> {
  return stateChanges(await ledger.runs())[0];
}

/**
 * The run that left the last whole state which differs from the present one and which no rollback has replaced.
 * @param current the run that ends now, and the digest of the state that it leaves if known
 * @returns undefined if there is no such state
 */
export async function previousState(
  { objects, ledger }: Pick<Stores, "objects" | "ledger">,
  current: { readonly run: RunId; readonly digest: Sha256 | undefined },
): Promise<RunId | undefined> {
  const changes = stateChanges(await ledger.runs()).filter(({ run }) => run.id !== current.run);
  const digests = new Map(changes.flatMap(({ run: { id, index } }) => (index ? [[id, index.digest]] : [])));
  const rejected = rejectedStates(changes, (run) => digests.get(run));
  for (const { run } of changes) {
    if (!isWhole(run)) continue;
    const digest = digests.get(run.id);
    if (digest !== undefined && (digest === current.digest || rejected.has(digest))) continue;
    // reads the snapshot if the record has no digest
    const state = await stateLeftBy(objects, run);
    if (state === undefined || state.digest === current.digest || rejected.has(state.digest)) continue;
    return run.id;
  }
  return undefined;
}
