/** What the daily clock finds: no success for too long, tasks that do not end, runs that nothing works on any more. */

import { stopTimeouts } from "../deployment/task-containers.ts";
import type { RunRecord } from "../records.ts";
import { incidentOf, type LedgerSnapshot, taskId } from "./decide.ts";
import type { LivingTask } from "./dependencies.ts";
import { marginSeconds } from "./timing.ts";

export interface DailyView extends LedgerSnapshot {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** When the watchdog was first woken by the clock; what counts where no run has ever succeeded. */
  readonly watchedSince: string;
  readonly living: readonly LivingTask[];
  readonly maxRunSeconds: number;
  readonly maxDaysWithoutSuccess: number;
  /** Whether runs are expected at all. */
  readonly scheduled: boolean;
}

export type Finding =
  | { readonly kind: "silence"; readonly incident: string; readonly last: RunRecord | undefined; readonly days: number }
  | { readonly kind: "overlong"; readonly incident: string; readonly task: LivingTask }
  | { readonly kind: "dead run"; readonly incident: string; readonly run: RunRecord };

const dayMilliseconds = 24 * 3600 * 1000;

export function lookAround(view: DailyView): Finding[] {
  return [...silence(view), ...overlong(view), ...deadRuns(view)];
}

/** Once when it begins, and again each week that it lasts; a success ends it, and the next silence is another. */
function silence({ runs, now, watchedSince, maxDaysWithoutSuccess, scheduled }: DailyView): Finding[] {
  const last = runs.find(({ state }) => state === "complete" || state === "incomplete");
  const days = (now - Date.parse(last?.ended ?? last?.started ?? watchedSince)) / dayMilliseconds;
  if (!scheduled || days < maxDaysWithoutSuccess) return [];
  const week = Math.floor((days - maxDaysWithoutSuccess) / 7);
  return [{ kind: "silence", incident: `silence#${last?.id ?? "from the beginning"}#${week}`, last, days }];
}

function overlong({ living, now, maxRunSeconds }: DailyView): Finding[] {
  const allowed = (maxRunSeconds + stopTimeouts.runner + marginSeconds) * 1000;
  return living
    .filter(({ since }) => now - Date.parse(since) > allowed)
    .map((task) => ({ kind: "overlong", incident: `overlong#${taskId(task.arn)}`, task }));
}

/**
 * What the event of a stopped task should have told of, had it come. A run that still works is an overlong task at worst.
 * Older ones than a silence are history.
 */
function deadRuns({ runs, lock, living, now, maxDaysWithoutSuccess }: DailyView): Finding[] {
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
