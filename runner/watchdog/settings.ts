/** The watchdog's settings, read from its environment. The Pulumi program writes the same variables. */
import { z } from "zod";
import { UsageError } from "../errors.ts";
import { cloudVariables, taskVariables } from "../settings.ts";

const Settings = z.object({
  stack: z.string(),
  plotsBucket: z.string(),
  runsTable: z.string(),
  topicArn: z.string(),
  /** ARN of the cluster that tasks run in. */
  cluster: z.string(),
  taskFamily: z.string(),
  logGroup: z.string(),
  longestLifeSeconds: z.coerce.number().int().positive(),
  /** Name of the schedule; absent if it is switched off: then a missing run is not reported. */
  schedule: z.string().optional(),
  /** Days without a successful run after which the watchdog sends an e-mail. The default suits a weekly schedule. */
  silenceDays: z.coerce.number().positive().default(8),
});
export type WatchdogSettings = z.infer<typeof Settings>;

/** Environment variables of the function, by setting. */
export const watchdogVariables = {
  stack: cloudVariables.stack,
  plotsBucket: cloudVariables.plotsBucket,
  runsTable: cloudVariables.runsTable,
  topicArn: cloudVariables.topicArn,
  cluster: "REPLOT_CLUSTER",
  taskFamily: "REPLOT_TASK_FAMILY",
  logGroup: "REPLOT_LOG_GROUP",
  longestLifeSeconds: taskVariables.longestLifeSeconds,
  schedule: "REPLOT_SCHEDULE",
  silenceDays: "REPLOT_SILENCE_DAYS",
} as const satisfies Record<keyof WatchdogSettings, string>;

/** @throws UsageError naming every variable that is wrong or missing */
export function readWatchdogSettings(environment: NodeJS.ProcessEnv = process.env): WatchdogSettings {
  const names = new Map<PropertyKey, string>(Object.entries(watchdogVariables));
  const given = Object.fromEntries([...names].map(([key, name]) => [key, environment[name] || undefined]));
  const parsed = Settings.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${names.get(path[0] ?? "")}: ${message}`);
  throw new UsageError(`the watchdog's settings are wrong:\n  ${problems.join("\n  ")}`);
}
