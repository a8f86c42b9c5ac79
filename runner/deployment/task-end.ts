/**
 * How a task ended, in words, from what the service tells of it. Its stop code alone doesn't say: a container killed for
 * memory can have exit code 0, and a task that never started has no containers at all.
 */
import { containers, stopTimeouts } from "./task-containers.ts";

/** A stopped task as DescribeTasks and the events of the service describe it. */
export interface StoppedTask {
  readonly stopCode?: string | undefined;
  readonly stoppedReason?: string | undefined;
  readonly containers?:
    | readonly {
        readonly name?: string | undefined;
        readonly exitCode?: number | undefined;
        readonly reason?: string | undefined;
      }[]
    | undefined;
}

export interface TaskEnd {
  /** `exited`: the runner ended by itself, or after it was told to; its exit code is the run's. */
  readonly kind: "exited" | "memory" | "killed" | "lifetime" | "capacity" | "image" | "not started" | "unknown";
  /** The runner's, where it has one. */
  readonly exitCode: number | undefined;
  /** What happened: `the task never started: …`. */
  readonly what: string;
  /** What to do about it; undefined where the run's own report says. */
  readonly remedy: string | undefined;
}

/** Exit codes of `timeout` when the time is up, and of a process that was killed. */
const timeIsUp = 124;
const killed = 137;

const unchanged = "what was published before stays in place";

/** @param task one that has stopped */
export function endOfTask(task: StoppedTask): TaskEnd {
  const all = task.containers ?? [];
  const runner = all.find(({ name }) => name === containers.runner);
  const exitCode = runner?.exitCode;
  const why = whyStopped(task);
  const end = (kind: TaskEnd["kind"], what: string, remedy?: string): TaskEnd => ({ kind, exitCode, what, remedy });

  if (forMemory(runner?.reason)) {
    return end(
      "memory",
      "the runner was killed for memory",
      "give the task more memory: pulumi config set memory MIB, then pulumi up",
    );
  }
  if (exitCode === undefined) return end(...neverStarted(task, why));
  if (exitCode === timeIsUp) {
    return end("lifetime", "the task reached its longest life and was ended", "raise its longest life, or its size");
  }
  if (exitCode === killed) {
    const patience = `it was killed (exit ${killed}): it had used up its memory, or ${stopTimeouts.runner} s after it was told to stop`;
    return end("killed", `${why}; the runner did not end by itself, ${patience}`, `${unchanged}; run again`);
  }
  const r = all.find(({ name }) => name === containers.r);
  const beside = forMemory(r?.reason) ? "; R's container was killed for memory" : "";
  return end(
    "exited",
    `${interrupted(task, exitCode) ? `${why}; ` : ""}the runner ended with exit code ${exitCode}${beside}`,
  );
}

function neverStarted(task: StoppedTask, why: string): readonly [TaskEnd["kind"], string, string] {
  const reasons = [task.stoppedReason, ...(task.containers ?? []).map(({ reason }) => reason)].join("\n");
  if (/CannotPull|manifest|image/i.test(reasons)) {
    return [
      "image",
      `the task never started: ${why}`,
      "replot doctor looks at the images; `pulumi up` pushes them again",
    ];
  }
  if (/capacity/i.test(reasons)) {
    return ["capacity", `the task never started: ${why}`, "start it again later, or without Spot"];
  }
  if (/ResourceInitialization|network interface/i.test(reasons)) {
    const remedy =
      "check that the subnets reach ECR, S3 and CloudWatch (a public IP, NAT or endpoints), and the execution role";
    return ["not started", `the task never started: ${why}`, remedy];
  }
  if (
    task.stopCode === "TaskFailedToStart" ||
    task.stopCode === undefined ||
    task.stopCode === "EssentialContainerExited"
  ) {
    return ["not started", `the task never started: ${why}`, "the service's reason is above; then start it again"];
  }
  return ["unknown", `the task was stopped before the runner had begun: ${why}`, "start it again"];
}

/** The service's words, of the task and of each container, once each. */
function whyStopped({ stopCode, stoppedReason, containers: all = [] }: StoppedTask): string {
  const own = stoppedReason?.trim().replace(/\.$/, "") || stopCode || "the service gives no reason";
  const told = all.flatMap(({ name, reason }) => (reason && !own.includes(reason) ? [`${name}: ${reason}`] : []));
  const codes: Readonly<Record<string, string>> = {
    SpotInterruption: "AWS reclaimed the Spot capacity",
    TerminationNotice: "AWS takes the machine out of service",
    UserInitiated: "it was stopped by hand",
  };
  const meaning = codes[stopCode ?? ""];
  return [meaning === undefined ? own : `${meaning} (${own})`, ...told].join("; ");
}

/** The task was ended from outside, and the runner said so. */
function interrupted({ stopCode }: StoppedTask, exitCode: number): boolean {
  return stopCode !== "EssentialContainerExited" && stopCode !== undefined && exitCode !== 0;
}

function forMemory(reason: string | undefined): boolean {
  return reason !== undefined && /OutOfMemory|memory usage/i.test(reason);
}
