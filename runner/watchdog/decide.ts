/** What a stopped task needs: nothing, a little patience, or an e-mail. */
import type { RunRecord } from "../records.ts";
import { settingsTable } from "../settings/table.ts";
import type { LockHolder } from "../stores/ports.ts";
import { endedWell } from "./diagnosis.ts";
import type { StoppedTask } from "./events.ts";

/** What the ledger says, at one moment. */
export interface LedgerSnapshot {
  /** The newest, newest first. */
  readonly runs: readonly RunRecord[];
  /** Who holds the lock, with its lease not yet run out. */
  readonly lock: LockHolder | undefined;
}

export type Verdict =
  | { readonly kind: "silence"; readonly because: string }
  /** The run may still report: look again. */
  | { readonly kind: "wait"; readonly because: string }
  | { readonly kind: "notice"; readonly run: RunRecord | undefined };

/** @param patient false once it was waited for long enough */
export function judge(task: StoppedTask, { runs, lock }: LedgerSnapshot, patient: boolean): Verdict {
  const run = runs.find((record) => record.task === task.arn);
  if (run === undefined) return judgeWithoutRun(task, runs);
  if (run.reportedAt !== undefined) return { kind: "silence", because: `${run.id} reported at ${run.reportedAt}` };
  if (patient && lock?.run === run.id)
    return { kind: "wait", because: `${run.id} has not reported and holds the lock` };
  return { kind: "notice", run };
}

function judgeWithoutRun(task: StoppedTask, runs: readonly RunRecord[]): Verdict {
  const scheduled = task.variables.get(settingsTable.scheduledTime.variable);
  const other = scheduled === undefined ? undefined : runs.find(({ id }) => id.startsWith(`${stampOf(scheduled)}-`));
  if (other !== undefined && endedWell(task)) {
    return { kind: "silence", because: `the schedule delivered ${other.id} twice; ${other.task} has it` };
  }
  return { kind: "notice", run: undefined };
}

/** What the id of a run of that scheduled time begins with: `2026-11-22T090000Z`. */
function stampOf(time: string): string {
  const parsed = new Date(time);
  return Number.isNaN(parsed.getTime()) ? time : `${parsed.toISOString().slice(0, 19).replaceAll(":", "")}Z`;
}

/** Names what happened to a task: the same however often and by whom it is told. */
export function incidentOf(run: Pick<RunRecord, "id"> | undefined, task: Pick<StoppedTask, "arn">): string {
  return run === undefined ? `task#${taskId(task.arn)}` : `run#${run.id}`;
}

/** The last part of a task's ARN. */
export function taskId(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
