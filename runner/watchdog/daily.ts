/** The daily check finds: no successful run for too long, tasks that do not end, and runs whose task is gone. */

import { stopTimeouts, taskId } from "../deployment/task-containers.ts";
import type { RunRecord } from "../records.ts";
import { incidentOf, type LedgerSnapshot } from "./decide.ts";
import type { LivingTask } from "./dependencies.ts";
import { marginSeconds } from "./timing.ts";

export interface DailyView extends LedgerSnapshot {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Time of the first daily check. Days are counted from it while no run has ever succeeded. ISO 8601. */
  readonly watchedSince: string;
  readonly living: readonly LivingTask[];
  readonly maxRunSeconds: number;
  readonly maxDaysWithoutSuccess: number;
  /** False where the schedule is switched off: then no run is expected. */
  readonly scheduled: boolean;
}

export type DailyFinding =
  | {
      readonly kind: "no success";
      readonly incident: string;
      readonly last: RunRecord | undefined;
      readonly days: number;
    }
  | { readonly kind: "overlong"; readonly incident: string; readonly task: LivingTask }
  | { readonly kind: "dead run"; readonly incident: string; readonly run: RunRecord };

const dayMilliseconds = 24 * 3600 * 1000;

/** Pure. */
export function findProblems(view: DailyView): DailyFinding[] {
  return [...noSuccess(view), ...overlong(view), ...deadRuns(view)];
}

/** One incident when the limit is reached, and another for each further week. A successful run starts the count anew. */
function noSuccess({ runs, now, watchedSince, maxDaysWithoutSuccess, scheduled }: DailyView): DailyFinding[] {
  const last = runs.find(({ state }) => state === "complete" || state === "incomplete");
  const days = (now - Date.parse(last?.ended ?? last?.started ?? watchedSince)) / dayMilliseconds;
  if (!scheduled || days < maxDaysWithoutSuccess) return [];
  const week = Math.floor((days - maxDaysWithoutSuccess) / 7);
  return [{ kind: "no success", incident: `silence#${last?.id ?? "from the beginning"}#${week}`, last, days }];
}

function overlong({ living, now, maxRunSeconds }: DailyView): DailyFinding[] {
  const allowed = (maxRunSeconds + stopTimeouts.runner + marginSeconds) * 1000;
  return living
    .filter(({ since }) => now - Date.parse(since) > allowed)
    .map((task) => ({ kind: "overlong", incident: `overlong#${taskId(task.arn)}`, task }));
}

/**
 * Runs without a report whose task no longer runs and that do not hold the lock: the event of the stopped task was lost.
 * Runs older than `maxDaysWithoutSuccess` are ignored.
 */
function deadRuns({ runs, lock, living, now, maxDaysWithoutSuccess }: DailyView): DailyFinding[] {
  return runs
    .filter(
      (run) =>
        run.reportedAt === undefined &&
        now - Date.parse(run.started) < maxDaysWithoutSuccess * dayMilliseconds &&
        lock?.run !== run.id &&
        !living.some(({ arn }) => arn === run.task),
    )
    .map((run) => ({ kind: "dead run", incident: incidentOf(run, { arn: run.task }), run }));
}
