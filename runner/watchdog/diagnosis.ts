/** What became of a task that stopped without a report: how it ended, what that means for a run, and what to do. */

import { stopTimeouts } from "../deployment/task-containers.ts";
import { endOfTask, type TaskEnd } from "../deployment/task-end.ts";
import { duration } from "../format/format.ts";
import type { LockHolder } from "../stores/ports.ts";
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
  readonly maxRunSeconds: number;
  /** Who holds the lock now. */
  readonly lock: LockHolder | undefined;
}

const headlines: Readonly<Record<Exclude<TaskEnd["kind"], "exited" | "killed">, string>> = {
  memory: "the runner was killed for memory",
  lifetime: "the run took too long",
  capacity: "AWS had no capacity for the task",
  image: "the image could not be pulled",
  "not started": "the task never started",
  unknown: "the task was stopped before it began",
};

const seeLog = "The end of the runner's log says more";

export function diagnose(task: StoppedTask, circumstances: Circumstances): Diagnosis {
  const end = endOfTask(task);
  const what = sentence(end.what);
  const remedy = end.remedy === undefined ? `${seeLog}.` : sentence(end.remedy);
  const own = spot(task) ?? ofKind(end.kind) ?? hang(task, end, circumstances) ?? exit(task, end, circumstances);
  return { headline: own.headline, what: own.what === "" ? what : `${what} ${own.what}`, remedy: own.remedy ?? remedy };
}

/** A command stays as it is typed. */
function sentence(words: string): string {
  const begun = words.startsWith("replot ") ? words : `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
  return `${begun}.`;
}

/** What the words of the task's end are completed with. */
interface Meaning {
  readonly headline: string;
  readonly what: string;
  readonly remedy?: string;
}

function ofKind(kind: TaskEnd["kind"]): Meaning | undefined {
  return kind === "exited" || kind === "killed" ? undefined : { headline: headlines[kind], what: "" };
}

function spot({ stopCode, stoppedReason = "" }: StoppedTask): Meaning | undefined {
  if (stopCode !== "SpotInterruption" && !/spot task was interrupted/i.test(stoppedReason)) return undefined;
  return {
    headline: "AWS took the Spot capacity back",
    what: "The runner did not come to send its report in the two minutes that this leaves.",
    remedy: "Start what is missing again, without --spot if it matters now.",
  };
}

/** Its entry point asks it to end after its longest life, and kills it where it does not. */
function hang(task: StoppedTask, { kind }: TaskEnd, { maxRunSeconds }: Circumstances): Meaning | undefined {
  const began = task.startedAt ?? task.createdAt;
  const seconds = began === undefined ? 0 : (Date.parse(task.stoppedAt) - Date.parse(began)) / 1000;
  if (kind !== "killed" || seconds < maxRunSeconds) return undefined;
  return {
    headline: "the runner hung",
    what:
      `It was asked to end after its longest life of ${duration(maxRunSeconds)}, and gave no sign for ` +
      `${duration(stopTimeouts.runner)}: it hung.`,
    remedy: `${seeLog}; please report it with that.`,
  };
}

function exit(task: StoppedTask, { exitCode }: TaskEnd, { lock }: Circumstances): Meaning {
  switch (exitCode) {
    case 137:
      return {
        headline: "the runner was killed",
        what: "",
        remedy: `${seeLog}. If it was memory, give the task more in the stack's configuration.`,
      };
    case 130:
    case 143:
      return {
        headline: task.stopCode === "UserInitiated" ? "the task was stopped by hand" : "the task was stopped",
        what: "The runner did not report before it ended.",
        remedy: "Start what is missing again.",
      };
    case 2:
      return {
        headline: "the request was wrong",
        what: "The runner refused what it was asked for; nothing was started.",
        remedy: `Look at the task's command, its settings and the catalog. ${seeLog}.`,
      };
    case 3:
      return {
        headline: "the runner could not work or report",
        what: "It could not work at all, or could not send its report.",
        remedy: `${seeLog}, and what to do.`,
      };
    case 4:
      return {
        headline: "another run was at work",
        what:
          lock === undefined || lock.owner === task.arn
            ? "It began no run, since another one was at work and held the lock; that one has ended since."
            : `It began no run, since ${lock.run} was at work and held the lock (since ${lock.since}, ${lock.owner}).`,
        remedy: "Two runs never overlap. Start this one again when the other has ended, if it is still wanted.",
      };
    case 125:
    case 126:
    case 127:
      return {
        headline: "the runner's program was not found",
        what: "Its command could not be run: the image is not the runner's.",
        remedy: "Look at the stack's configuration of images; `pulumi up` builds the runner's own.",
      };
    case 0:
    case 1:
      return {
        headline: "the runner ended without a report",
        what: "It left no report of a run.",
        remedy: `Look at the task's command: only \`regenerate\` makes runs. ${seeLog}.`,
      };
    default:
      return {
        headline: `the runner ended with exit ${exitCode}`,
        what: "It never ends like this by itself.",
        remedy: `${seeLog}; please report it with that.`,
      };
  }
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

/** Whether the runner ended by itself and says that all is well; a container killed for memory may say so, too. */
export function endedWell(task: StoppedTask): boolean {
  const { kind, exitCode } = endOfTask(task);
  return kind === "exited" && exitCode === 0;
}
