/** What a run knows of itself as a task: who it is, what it costs, and why it may be told to end. */
import { hostname } from "node:os";
import { duration } from "../format/format.ts";
import type { Dependencies, RunOptions } from "../pipeline.ts";
import type { Interruption } from "../run/interrupt.ts";
import type { Settings } from "../settings.ts";
import type { OpenStores } from "../stores/ports.ts";
import { costOf } from "./cost.ts";
import type { TaskMetadata } from "./metadata.ts";
import { pricesIn } from "./prices.ts";

/** Who wants the run, and who does it. */
export function startedBy(
  { task }: Settings,
  metadata: TaskMetadata | undefined,
): Pick<RunOptions, "trigger" | "owner" | "scheduledTime"> {
  const owner = metadata?.task ?? `${hostname()}:${process.pid}`;
  if (task === undefined) return { trigger: "local", owner };
  const { scheduledTime } = task;
  return scheduledTime === undefined ? { trigger: "manual", owner } : { trigger: "schedule", owner, scheduledTime };
}

/**
 * The run's bill so far. Cost is there only where the task knows its own size.
 * @param now milliseconds since 1970
 */
export function billOf(
  { task }: Settings,
  metadata: TaskMetadata | undefined,
  usage: NonNullable<OpenStores["usage"]>,
  now: () => number = Date.now,
): NonNullable<Dependencies["bill"]> {
  return () => {
    const used = usage();
    const repeated = used.repeated === 0 ? {} : { repeated: used.repeated };
    if (task === undefined || metadata?.cores === undefined || metadata.memory === undefined) return repeated;
    const { cores, memory, storage = 0, pullStarted } = metadata;
    const seconds = pullStarted === undefined ? process.uptime() : (now() - Date.parse(pullStarted)) / 1000;
    const { capacity } = task;
    const prices = pricesIn(process.env["AWS_REGION"] ?? "");
    return { ...repeated, capacity, cost: costOf({ cores, memory, storage, capacity }, seconds, used, prices) };
  };
}

/** The clock of `timeout` starts before this process does. */
const startSeconds = 10;

/**
 * What lies behind a signal, in words for the report, where more is known than its name.
 * @param seconds since this process began
 */
export function whyStopped(
  { task }: Pick<Settings, "task">,
  signal: Interruption,
  seconds: number,
): string | undefined {
  if (task === undefined || signal !== "SIGTERM") return undefined;
  const { maxRunSeconds: longest, capacity } = task;
  if (longest !== undefined && seconds >= longest - Math.min(startSeconds, longest / 10)) {
    return (
      `stopped after ${duration(longest)}, the time limit of a run; where a run needs more, ` +
      "`pulumi config set maxRunHours <hours>`, then `pulumi up`"
    );
  }
  return capacity === "FARGATE_SPOT"
    ? "stopped by SIGTERM: Fargate Spot took its capacity back, or somebody stopped the task"
    : "stopped by SIGTERM: somebody stopped the task, or AWS had to";
}
