/** Begins a run: its lock, its id, its entry in the ledger, and order after a run that was killed. */
import { RunId } from "../domain.ts";
import { CannotWork, Locked } from "../errors.ts";
import type { RunRecord, RunRequest } from "../records.ts";
import { noPlots } from "../report/summary.ts";
import type { Stores } from "../stores/ports.ts";
import { type KeptLease, keepLease } from "./lease.ts";
import { recoverDeadRuns } from "./recover.ts";

export interface NewRun {
  readonly request: RunRequest;
  readonly trigger: RunRecord["trigger"];
  readonly workers: number;
  readonly image: string;
  readonly version: string;
  readonly commit: string | undefined;
  /** `host:pid` or a task ARN. */
  readonly owner: string;
  readonly resumes?: RunId;
}

export interface BegunRun {
  readonly record: RunRecord;
  readonly lease: KeptLease;
  readonly remarks: readonly string[];
}

/** @throws Locked where another run is at work: it says which, since when and what to do */
export async function beginRun(
  { ledger, lock }: Pick<Stores, "ledger" | "lock">,
  wanted: NewRun,
  onLeaseLost: (reason: CannotWork) => void,
): Promise<BegunRun> {
  const now = Date.now();
  const acquired = await lock.acquire({
    run: runId(now, wanted.request.preset),
    owner: wanted.owner,
    since: new Date(now).toISOString(),
  });
  if ("heldBy" in acquired) {
    const { run, owner, since } = acquired.heldBy;
    throw new Locked(`${run} is at work (since ${since}, ${owner}); wait until it has ended: replot runs`);
  }
  const lease = keepLease(acquired, onLeaseLost);
  try {
    const record = await claimId(now);
    return { record, lease, remarks: await recoverDeadRuns(ledger, record.id) };
  } catch (error) {
    await lease.release();
    throw error;
  }

  /** Two runs may begin in the same second; the later takes the next free one. */
  async function claimId(from: number): Promise<RunRecord> {
    for (let second = 0; second < 60; second++) {
      const { request, trigger, workers, image, version, commit, owner, resumes } = wanted;
      const record: RunRecord = {
        id: runId(from + second * 1000, request.preset),
        request,
        trigger,
        started: new Date(from).toISOString(),
        state: "running",
        counts: noPlots,
        notApplicable: 0,
        workers,
        image,
        version,
        task: owner,
        ...(commit === undefined ? {} : { commit }),
        ...(resumes === undefined ? {} : { resumes }),
      };
      if (await ledger.begin(record)) return record;
    }
    throw new CannotWork("the ledger refuses every run id of the coming minute; is the machine's clock right?");
  }
}

/** `2026-11-22T090000Z-full` @param time milliseconds since 1970 */
export function runId(time: number, preset: string): RunId {
  const stamp = new Date(time).toISOString().slice(0, 19).replaceAll(":", "");
  return RunId.parse(`${stamp}Z-${preset}`);
}
