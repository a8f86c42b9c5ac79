/** Begins a run: its lock, its id, its entry in the ledger, and order after a run that was killed. */
import type { RunId } from "../domain.ts";
import { Duplicate, Locked, UnavailableError } from "../errors.ts";
import { type KeptLease, keepLease } from "../lock/lease.ts";
import type { RunRecord, RunRequest } from "../records.ts";
import { noPlots } from "../report/summary.ts";
import { runId } from "../run-id.ts";
import { nextSequence } from "../run-order.ts";
import type { Stores } from "../stores/ports.ts";
import { recoverDeadRuns } from "./recover.ts";

export interface NewRun {
  readonly request: RunRequest;
  readonly trigger: RunRecord["trigger"];
  readonly workers: number;
  readonly image: string;
  /** What a person should know of what draws. */
  readonly remarks?: readonly string[];
  readonly version: string;
  readonly commit: string | undefined;
  /** `host:pid` or a task ARN. */
  readonly owner: string;
  readonly resumes?: RunId;
  /** When the schedule meant it to begin (ISO 8601): the run has its id from that, and there is one such run. */
  readonly scheduledTime?: string;
}

export interface BegunRun {
  readonly record: RunRecord;
  readonly lease: KeptLease;
  /** Findings about the whole run; its stages add theirs. */
  readonly remarks: string[];
}

/**
 * @throws Locked where another run is at work: it says which, since when and what to do
 * @throws Duplicate where the schedule asked for this run before
 */
export async function beginRun(
  { ledger, lock }: Pick<Stores, "ledger" | "lock">,
  wanted: NewRun,
  onLeaseLost: (reason: UnavailableError) => void,
): Promise<BegunRun> {
  const now = Date.now();
  const { scheduledTime, owner, request } = wanted;
  const id = runId(scheduledTime === undefined ? now : Date.parse(scheduledTime), request.preset);
  const acquired = await lock.acquire({ run: id, owner, since: new Date(now).toISOString() });
  if ("heldBy" in acquired) {
    const { run, owner, since } = acquired.heldBy;
    if (scheduledTime !== undefined && (run === id || (await ledger.run(id)) !== undefined)) throw duplicate(id);
    throw new Locked(`${run} is at work (since ${since}, ${owner}); wait until it has ended`);
  }
  const lease = keepLease(acquired, onLeaseLost);
  try {
    const sequence = nextSequence(await ledger.runs());
    const record = await claimId(sequence);
    return { record, lease, remarks: [...(wanted.remarks ?? []), ...(await recoverDeadRuns(ledger, record.id))] };
  } catch (error) {
    await lease.release();
    throw error;
  }

  async function claimId(sequence: number): Promise<RunRecord> {
    if (scheduledTime !== undefined) {
      const record = newRecord(id, sequence, wanted, now);
      if (await ledger.begin(record)) return record;
      throw duplicate(id);
    }
    // two runs may begin in the same second; the later takes the next free one
    for (let second = 0; second < 60; second++) {
      const record = newRecord(runId(now + second * 1000, request.preset), sequence, wanted, now);
      if (await ledger.begin(record)) return record;
    }
    throw new UnavailableError("the ledger refuses every run id of the coming minute; is the machine's clock right?");
  }
}

function newRecord(id: RunId, sequence: number, wanted: NewRun, now: number): RunRecord {
  const { request, trigger, workers, image, version, commit, owner, resumes } = wanted;
  return {
    id,
    sequence,
    request,
    trigger,
    started: new Date(now).toISOString(),
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
}

function duplicate(id: RunId): Duplicate {
  return new Duplicate(`${id} was begun before: this is a second delivery of the same schedule, nothing is left to do`);
}
