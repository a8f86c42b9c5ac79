/** Decides about a stopped task: no e-mail, wait for the report, or an e-mail. */
import { taskId } from "../deployment/task-containers.ts";
import type { RunRecord } from "../records.ts";
import { settingsTable } from "../settings/table.ts";
import type { LockHolder } from "../stores/ports.ts";
import { endedWell } from "./diagnosis.ts";
import type { StoppedTask } from "./events.ts";

/** The ledger and the lock at one moment. */
export interface LedgerSnapshot {
  /** The latest runs, newest first. */
  readonly runs: readonly RunRecord[];
  /** The holder of the lock, if its lease is valid. */
  readonly lock: LockHolder | undefined;
}

export type Decision =
  | { readonly kind: "none"; readonly because: string }
  /** The run may still report: check again. */
  | { readonly kind: "wait"; readonly because: string }
  | { readonly kind: "notice"; readonly run: RunRecord | undefined };

/** @param mayWait false once the time to wait for a report is over */
export function judge(task: StoppedTask, { runs, lock }: LedgerSnapshot, mayWait: boolean): Decision {
  const run = runs.find((record) => record.task === task.arn);
  if (run === undefined) return judgeWithoutRun(task, runs);
  if (run.reportedAt !== undefined) return { kind: "none", because: `${run.id} reported at ${run.reportedAt}` };
  if (mayWait && lock?.run === run.id)
    return { kind: "wait", because: `${run.id} has not reported and holds the lock` };
  return { kind: "notice", run };
}

function judgeWithoutRun(task: StoppedTask, runs: readonly RunRecord[]): Decision {
  const scheduled = task.variables.get(settingsTable.scheduledTime.variable);
  const other = scheduled === undefined ? undefined : runs.find(({ id }) => id.startsWith(`${stampOf(scheduled)}-`));
  if (other !== undefined && endedWell(task)) {
    return { kind: "none", because: `the schedule delivered ${other.id} twice; ${other.task} has it` };
  }
  return { kind: "notice", run: undefined };
}

/** The beginning of the id of a run scheduled for that time: `2026-11-22T090000Z`. */
function stampOf(time: string): string {
  const parsed = new Date(time);
  return Number.isNaN(parsed.getTime()) ? time : `${parsed.toISOString().slice(0, 19).replaceAll(":", "")}Z`;
}

/** The incident's name: the same for every event about the same run or task. */
export function incidentOf(run: Pick<RunRecord, "id"> | undefined, task: Pick<StoppedTask, "arn">): string {
  return run === undefined ? `task#${taskId(task.arn)}` : `run#${run.id}`;
}
