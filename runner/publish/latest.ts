/** Which state of the index readers see, and to which earlier one a person may want to go back. */
import type { RunId, Sha256 } from "../domain.ts";
import type { Stores } from "../stores/ports.ts";
import { isWhole, rejectedStates, type StateChange, stateChanges } from "./index-state.ts";
import { stateLeftBy } from "./manifest.ts";

/** What last determined the rows: a run, or a rollback to one; undefined in an empty ledger. */
export async function latestChange({ ledger }: Pick<Stores, "ledger">): Promise<StateChange | undefined> {
  return stateChanges(await ledger.runs())[0];
}

/**
 * The run whose state was the last whole one that differs from the present one, and that nobody has rolled back from.
 * @param current the run that ends now, and the digest of the state that it leaves where that is known already
 * @returns undefined where there is none to go back to
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
    // where the record has no digest the snapshot is read, once
    const state = await stateLeftBy(objects, run);
    if (state === undefined || state.digest === current.digest || rejected.has(state.digest)) continue;
    return run.id;
  }
  return undefined;
}
