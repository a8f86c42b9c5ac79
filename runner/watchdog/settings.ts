/** The watchdog's settings, read from its environment. The Pulumi program writes the same variables. */
import { z } from "zod";
import type { VariableTable } from "../settings/setting.ts";
import { environmentSource, parseSettings } from "../settings/sources.ts";
import { cloudSettings, taskSettings } from "../settings/table.ts";

const { stack, plotsBucket, runsTable, topicArn } = cloudSettings;

export const watchdogSettings = {
  stack: { ...stack, type: z.string() },
  plotsBucket: { ...plotsBucket, type: z.string() },
  runsTable: { ...runsTable, type: z.string() },
  topicArn: { ...topicArn, type: z.string() },
  cluster: { variable: "REPLOT_CLUSTER", type: z.string(), description: "ARN of the cluster that tasks run in" },
  taskFamily: { variable: "REPLOT_TASK_FAMILY", type: z.string(), description: "family of the task definition" },
  logGroup: { variable: "REPLOT_LOG_GROUP", type: z.string(), description: "log group of the tasks" },
  maxRunSeconds: { ...taskSettings.maxRunSeconds, type: z.coerce.number().int().positive() },
  schedule: {
    variable: "REPLOT_SCHEDULE",
    type: z.string().optional(),
    description: "name of the schedule; not set where it is switched off, and then no run is missed",
  },
  maxDaysWithoutSuccess: {
    variable: "REPLOT_MAX_DAYS_WITHOUT_SUCCESS",
    earlierVariable: "REPLOT_SILENCE_DAYS",
    type: z.coerce.number().positive().default(8),
    unit: "days",
    description: "time without a successful run after which the watchdog sends an e-mail",
  },
} as const satisfies VariableTable;

export type WatchdogSettings = ReturnType<typeof readWatchdogSettings>;

/** @throws UsageError naming every variable that is wrong or missing */
export function readWatchdogSettings(environment: NodeJS.ProcessEnv = process.env) {
  const sources = [environmentSource(watchdogSettings, environment)];
  return parseSettings(watchdogSettings, sources, "the watchdog's settings are wrong");
}
