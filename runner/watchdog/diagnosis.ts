/** Explains a task that stopped without a report: how it ended, what that means for its run, and what to do. */

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
  /** What to check or to change. */
  readonly remedy: string;
}

/** Facts beside the task itself. */
export interface Circumstances {
  readonly maxRunSeconds: number;
  /** The current holder of the lock. */
  readonly lock: LockHolder | undefined;
}

const headlines: Readonly<Record<Exclude<TaskEnd["kind"], "exited" | "killed">, string>> = {
  memory: "the runner was killed for memory",
  lifetime: "the run took too long",
  capacity: "AWS had no capacity for the task",
  image: "the image could not be pulled",
  "not started": "the task never started",
  unknown: "the task was stopped before it started",
};

const seeLog = "See the end of the runner's log";

export function diagnose(task: StoppedTask, circumstances: Circumstances): Diagnosis {
  const end = endOfTask(task);
  const what = sentence(end.what);
  const remedy = end.remedy === undefined ? `${seeLog}.` : sentence(end.remedy);
  const own = spot(task) ?? ofKind(end.kind) ?? hang(task, end, circumstances) ?? exit(task, end, circumstances);
  return { headline: own.headline, what: own.what === "" ? what : `${what} ${own.what}`, remedy: own.remedy ?? remedy };
}

/** Capitalises the text and ends it with a full stop; a command at its beginning stays as it is. */
function sentence(text: string): string {
  const capitalised = text.startsWith("replot ") ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return `${capitalised}.`;
}

/** What is added to the description of the task's end. */
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
    headline: "AWS reclaimed the Spot capacity",
    what: "The runner was killed before it could send its report (limit: 2 min).",
    remedy: "Start the run again, without --spot if it must not be interrupted.",
  };
}

/** The runner did not stop within its stop timeout after its time limit, so that its entry point killed it. */
function hang(task: StoppedTask, { kind }: TaskEnd, { maxRunSeconds }: Circumstances): Meaning | undefined {
  const began = task.startedAt ?? task.createdAt;
  const seconds = began === undefined ? 0 : (Date.parse(task.stoppedAt) - Date.parse(began)) / 1000;
  if (kind !== "killed" || seconds < maxRunSeconds) return undefined;
  return {
    headline: "the runner hung",
    what:
      `It received TERM after its time limit of ${duration(maxRunSeconds)} and did not end within ` +
      `${duration(stopTimeouts.runner)}.`,
    remedy: `${seeLog}; please report this with the log.`,
  };
}

function exit(task: StoppedTask, { exitCode }: TaskEnd, { lock }: Circumstances): Meaning {
  switch (exitCode) {
    case 137:
      return {
        headline: "the runner was killed",
        what: "",
        remedy: `${seeLog}. If it ran out of memory, raise \`memory\` in the stack's configuration.`,
      };
    case 130:
    case 143:
      return {
        headline: task.stopCode === "UserInitiated" ? "the task was stopped by hand" : "the task was stopped",
        what: "The runner did not report before it ended.",
        remedy: "Start the run again.",
      };
    case 2:
      return {
        headline: "the request was wrong",
        what: "The runner refused the request; nothing was started.",
        remedy: `Check the task's command, its settings and the catalog. ${seeLog}.`,
      };
    case 3:
      return {
        headline: "the runner could not work or report",
        what: "It could not begin a run, or could not send its report.",
        remedy: `${seeLog}; it names the cause and the remedy.`,
      };
    case 4:
      return {
        headline: "another run held the lock",
        what:
          lock === undefined || lock.owner === task.arn
            ? "It began no run because another run held the lock; that run has ended since."
            : `It began no run because ${lock.run} held the lock (since ${lock.since}, ${lock.owner}).`,
        remedy: "Two runs never overlap. If this run is still needed, start it again when the other has ended.",
      };
    case 125:
    case 126:
    case 127:
      return {
        headline: "the runner's program was not found",
        what: "The container has no such program: the image is not the runner's.",
        remedy: "Check `runnerImage` in the stack's configuration; without it, `pulumi up` builds the runner's image.",
      };
    case 0:
    case 1:
      return {
        headline: "the runner ended without a report",
        what: "It sent no report of a run.",
        remedy: `Check the task's command: only \`regenerate\` makes runs. ${seeLog}.`,
      };
    default:
      return {
        headline: `the runner ended with exit ${exitCode}`,
        what: "The runner has no such exit code of its own.",
        remedy: `${seeLog}; please report this with the log.`,
      };
  }
}

/** The description of ECS, verbatim: `EssentialContainerExited, "Essential container in task exited"; runner: exit 137`. */
export function verbatim({ stopCode, stoppedReason, containers: all }: StoppedTask): string {
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

/** Whether the runner ended by itself with exit code 0. A container killed for memory may have exit code 0 too and does not count. */
export function endedWell(task: StoppedTask): boolean {
  const { kind, exitCode } = endOfTask(task);
  return kind === "exited" && exitCode === 0;
}
