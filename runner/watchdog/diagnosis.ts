/** Why a task stopped, from all that ECS tells: stop code, reason and every container; none of them alone is true. */
import type { LockHolder } from "../stores/ports.ts";
import { containers, stopTimeouts } from "../task.ts";
import { duration } from "../words.ts";
import type { StoppedTask } from "./events.ts";

export interface Diagnosis {
  /** For the subject: `the runner was killed for memory`. */
  readonly headline: string;
  /** What happened, in a sentence or two. */
  readonly what: string;
  /** What to look at, or to change. */
  readonly remedy: string;
}

/** What else is known. */
export interface Circumstances {
  readonly longestLifeSeconds: number;
  /** Who holds the lock now. */
  readonly lock: LockHolder | undefined;
}

interface Facts extends Circumstances {
  readonly task: StoppedTask;
  readonly reason: string;
  /** Of the runner's container. */
  readonly exit: number | undefined;
  readonly ranSeconds: number;
}

type Rule = (facts: Facts) => Diagnosis | false;

const seeLog = "the end of the runner's log says more";

/** In this order: the first that holds is what happened. */
const rules: readonly Rule[] = [
  ({ reason }) =>
    /CannotPull/i.test(reason) && {
      headline: "the image could not be pulled",
      what: "The task never started: its image could not be pulled.",
      remedy:
        "Look whether the image is still in its repository (`pulumi up` builds and pushes it again) and whether the " +
        "task's subnets reach it (a public IP, a NAT gateway or endpoints).",
    },

  ({ reason }) =>
    /ResourceInitializationError/i.test(reason) && {
      headline: "the task could not be prepared",
      what: "The task never started: a secret, its logs or its network could not be prepared.",
      remedy:
        "The reason below names which. Look at the secrets in Parameter Store, the execution role and the subnets.",
    },

  ({ reason }) =>
    /capacity is unavailable|RESOURCE:|insufficient/i.test(reason) && {
      headline: "AWS had no capacity for the task",
      what: "The task never started: AWS had no room for a task of this size.",
      remedy: "Start it again later; if it stays so, name subnets in more zones, or do without Spot.",
    },

  ({ task, reason }) =>
    (/^(SpotInterruption|TerminationNotice)$/.test(task.stopCode ?? "") ||
      /spot task was interrupted/i.test(reason)) && {
      headline: "AWS took the Spot capacity back",
      what: "AWS took the Spot capacity back, and the runner did not come to write its report within the two minutes left.",
      remedy: "Start what is missing again, without --spot if it matters now.",
    },

  ({ task, exit }) =>
    outOfMemory(task, containers.runner) && {
      headline: "the runner was killed for memory",
      what: `The runner's container was killed for memory${exit === 0 ? " (with exit 0, which is not to be believed)" : ""}.`,
      remedy: "Give the task more memory in the stack's configuration (`pulumi config`, then `pulumi up`).",
    },

  ({ task, exit }) =>
    exit === undefined && {
      headline: "the task never started",
      what:
        task.containers.length === 0
          ? "The task never started: AWS does not even list its containers."
          : "The task never started: the runner's container has no exit code.",
      remedy: "The reason below is all that AWS tells. If it names nothing of the stack's, start the run again.",
    },

  ({ exit, lock, task }) =>
    exit === 4 && {
      headline: "another run was at work",
      what:
        lock === undefined || lock.owner === task.arn
          ? "The task began no run: another one was at work and held the lock. It has ended since."
          : `The task began no run: ${lock.run} was at work and held the lock (since ${lock.since}, ${lock.owner}).`,
      remedy: "Two runs never overlap. Start this one again when the other has ended, if it is still wanted.",
    },

  ({ exit }) =>
    exit === 2 && {
      headline: "the request was wrong",
      what: "The runner refused what it was asked for (exit 2); nothing was started.",
      remedy: `Look at the task's command, its settings and the catalog; ${seeLog}.`,
    },

  ({ exit, longestLifeSeconds }) =>
    exit === 124 && {
      headline: "the run took too long",
      what: `The run outlived its longest life of ${duration(longestLifeSeconds)} and was ended (exit 124).`,
      remedy: "Raise the longest life in the stack's configuration, or give the task more cores.",
    },

  ({ exit, longestLifeSeconds, ranSeconds, task }) =>
    exit === 137 &&
    ranSeconds >= longestLifeSeconds && {
      headline: "the runner hung",
      what:
        `The runner hung: after its longest life of ${duration(longestLifeSeconds)} it was asked to end, gave no sign for ` +
        `${duration(stopTimeouts.runner)}, and was killed (exit 137).`,
      remedy: `${capitalised(seeLog)}${outOfMemory(task, containers.r) ? "" : "; please report it with that log"}.`,
    },

  ({ exit, task }) =>
    exit === 137 && {
      headline: "the runner was killed",
      what:
        task.stopCode === "UserInitiated"
          ? `The task was stopped by hand, and the runner did not end within ${duration(stopTimeouts.runner)}: it was killed (exit 137).`
          : "The runner was killed from outside (exit 137), mostly for memory, though AWS does not say so.",
      remedy: `${capitalised(seeLog)}. If it was memory, give the task more in the stack's configuration.`,
    },

  ({ exit, task }) =>
    (exit === 143 || exit === 130) && {
      headline: task.stopCode === "UserInitiated" ? "the task was stopped by hand" : "the task was stopped",
      what: `The runner was asked to end (exit ${exit})${task.stopCode === "UserInitiated" ? ", by somebody who stopped the task" : ""}, and did not report.`,
      remedy: "Start what is missing again.",
    },

  ({ exit }) =>
    exit === 3 && {
      headline: "the runner could not work or report",
      what: "The runner could not work, or could not send its report (exit 3).",
      remedy: `${capitalised(seeLog)}, and what to do.`,
    },

  ({ exit }) =>
    (exit === 125 || exit === 126 || exit === 127) && {
      headline: "the runner's program was not found",
      what: `The container's command could not be run (exit ${exit}): the image is not the runner's.`,
      remedy: "Look at the stack's configuration of images; `pulumi up` builds the runner's own.",
    },

  ({ exit }) =>
    (exit === 0 || exit === 1) && {
      headline: "the runner ended without a report",
      what: `The runner ended (exit ${exit}) without a report of a run.`,
      remedy: `Look at the task's command: only \`regenerate\` makes runs. ${capitalised(seeLog)}.`,
    },
];

export function diagnose(task: StoppedTask, circumstances: Circumstances): Diagnosis {
  const { exitCode: exit } = task.containers.find(({ name }) => name === containers.runner) ?? {};
  const began = task.startedAt ?? task.createdAt;
  const ranSeconds = began === undefined ? 0 : (Date.parse(task.stoppedAt) - Date.parse(began)) / 1000;
  const reason = [task.stoppedReason, ...task.containers.map((container) => container.reason)].join("\n");
  const facts: Facts = { ...circumstances, task, exit, reason, ranSeconds };
  for (const rule of rules) {
    const found = rule(facts);
    if (found !== false) return withRMemory(found, task);
  }
  return withRMemory(
    {
      headline: `the runner ended with exit ${exit}`,
      what: `The runner ended in a way that it never does by itself (exit ${exit}).`,
      remedy: `${capitalised(seeLog)}.`,
    },
    task,
  );
}

/** What ECS says, word for word: `EssentialContainerExited, "Essential container in task exited"; runner: exit 137`. */
export function wordForWord({ stopCode, stoppedReason, containers: all }: StoppedTask): string {
  const task = [stopCode, stoppedReason === undefined ? undefined : `"${stoppedReason}"`].filter(
    (part) => part !== undefined,
  );
  const each = all.map(
    ({ name, exitCode, reason }) =>
      `${name}: ${exitCode === undefined ? "no exit code" : `exit ${exitCode}`}${reason === undefined ? "" : `, "${reason}"`}`,
  );
  return [task.length === 0 ? "no reason" : task.join(", "), ...(each.length === 0 ? ["no containers"] : each)].join(
    "; ",
  );
}

function withRMemory(found: Diagnosis, task: StoppedTask): Diagnosis {
  if (!outOfMemory(task, containers.r)) return found;
  return { ...found, what: `${found.what} R's container was killed for memory.` };
}

/** ECS reports it as the reason of a container, with whatever exit code. */
export function outOfMemory(task: StoppedTask, container: string): boolean {
  return task.containers.some(({ name, reason }) => name === container && /OutOfMemory/i.test(reason ?? ""));
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
