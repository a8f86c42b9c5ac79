/** The watchdog's e-mails: what happened, when, the progress of the run, what stays published, and what to check and do. */

import { logStream, taskId } from "../deployment/task-containers.ts";
import { emailSubject } from "../format/email-subject.ts";
import { clock, count, day, duration, plural } from "../format/format.ts";
import { shellWord } from "../format/shell.ts";
import type { CityRecord, RunRecord } from "../records.ts";
import { composeEmail, type Email, type EmailOptions, textOf } from "../report/email.ts";
import { selectionArguments } from "../report/selection.ts";
import { addCounts, inPlace, needAttention, type Summary, unfinished } from "../report/summary.ts";
import { logStreamLink } from "../stores/aws/console.ts";
import { cleanLine, firstOf } from "../text/clean.ts";
import type { LivingTask } from "./dependencies.ts";
import { type Diagnosis, verbatim } from "./diagnosis.ts";
import type { DeadLetter, StoppedTask } from "./events.ts";

/** The stack's place in AWS, for links and commands. */
export interface ConsoleContext {
  readonly stack: string;
  readonly region: string;
  readonly logGroup: string;
}

export interface RunnerLog {
  readonly lines: readonly string[];
  /** The reason if the lines could not be read. */
  readonly error?: string;
}

const labelWidth = 17;
const namedUnfinished = 40;

/** For a task that stopped without a report. */
export function stoppedEmail(
  {
    task,
    diagnosis,
    run,
    cities,
    log,
  }: {
    readonly task: StoppedTask;
    readonly diagnosis: Diagnosis;
    readonly run: RunRecord | undefined;
    readonly cities: readonly CityRecord[];
    readonly log: RunnerLog;
  },
  place: ConsoleContext,
): Email {
  const which = run === undefined ? "a task ended before it began a run" : `${run.id} ended without a report`;
  return {
    subject: emailSubject(`${run === undefined ? "no run" : run.id}: ${diagnosis.headline} (${place.stack})`),
    body: textOf([
      [`${capitalised(which)}; the watchdog reports it instead.`],
      [
        ...labelled("What happened", [diagnosis.what, `AWS says: ${verbatim(task)}`]),
        ...labelled("When", [whenOf(task)]),
        ...progress(run, cities),
        ...labelled("What to do", [diagnosis.remedy]),
      ],
      // a task that never started has no log to link to
      task.startedAt === undefined && log.lines.length === 0 ? [] : logOf(task.arn, log, place),
      run === undefined ? startAgain(task.command, place) : nextCommands(run, cities, place),
    ]),
  };
}

/** For a run without a report whose task no longer runs. */
export function deadRunEmail(
  run: RunRecord,
  cities: readonly CityRecord[],
  log: RunnerLog,
  place: ConsoleContext,
): Email {
  const ended =
    run.ended === undefined ? "The ledger has no end of it" : `It ended at ${clock(run.ended)} (${run.state})`;
  return {
    subject: emailSubject(`${run.id}: its task is gone, and it sent no report (${place.stack})`),
    body: textOf([
      [`${run.id} sent no report and is no longer running; the watchdog reports it instead.`],
      [
        ...labelled("What happened", [
          `${ended}; its task is gone, and it does not hold the lock.`,
          ...(run.error === undefined ? [] : [cleanLine(run.error)]),
          "The next run corrects the ledger.",
        ]),
        ...labelled("When", [`began ${clock(run.started)} on ${day(run.started)}; found by the daily check`]),
        ...progress(run, cities),
      ],
      run.task.startsWith("arn:") ? logOf(run.task, log, place) : [`It ran as ${run.task}.`],
      nextCommands(run, cities, place),
    ]),
  };
}

/** The runner's own report, stored but not sent. */
export function lateEmail(
  summary: Summary,
  why: string,
  location: EmailOptions["location"],
  place: ConsoleContext,
): Email {
  const options: EmailOptions = {
    startCommand: "start",
    command: (words) => `replot ${words}${stackArgument(place)}`,
    location,
  };
  const { subject, body } = composeEmail(summary, options);
  return { subject, body: `${why}\n\n${body}` };
}

/** For a stack without a successful run for too long. */
export function noSuccessEmail(
  {
    last,
    days,
    running,
    schedule,
  }: {
    readonly last: RunRecord | undefined;
    readonly days: number;
    readonly running: RunRecord["id"] | undefined;
    readonly schedule: string;
  },
  place: ConsoleContext,
): Email {
  const whole = Math.floor(days);
  const since = last === undefined ? "there never was one" : `the last was ${last.id} (${last.state})`;
  return {
    subject: emailSubject(`no run has succeeded for ${whole} days (${place.stack})`),
    body: textOf([
      [`No run of stack ${place.stack} has succeeded for ${whole} days: ${since}.`],
      [
        "Readers see the earlier plots; none of them is lost.",
        ...(running === undefined ? [] : [`${running} is running now.`]),
        `Check that the schedule ${schedule} is enabled, how the runs since then ended, and whether their e-mails arrived.`,
        "This e-mail is repeated weekly until a run succeeds.",
      ],
      [
        `List the runs:   replot runs${stackArgument(place)}`,
        `Check the stack:   replot doctor${stackArgument(place)}`,
        `Start a run now:   replot start${stackArgument(place)}`,
      ],
    ]),
  };
}

/** For a task that still runs after its time limit. */
export function overlongEmail(
  {
    task,
    run,
    maxRunSeconds,
    now,
  }: {
    readonly task: LivingTask;
    readonly run: RunRecord | undefined;
    readonly maxRunSeconds: number;
    readonly now: number;
  },
  cluster: string,
  place: ConsoleContext,
): Email {
  const hours = duration((now - Date.parse(task.since)) / 1000);
  const stop = run === undefined ? undefined : `replot stop ${run.id}${stackArgument(place)}`;
  return {
    subject: emailSubject(`a task has been running for ${hours} and does not end (${place.stack})`),
    body: textOf([
      [
        `Task ${taskId(task.arn)} has been running since ${clock(task.since)} on ${day(task.since)}, for ${hours}; it should ` +
          `have ended after ${duration(maxRunSeconds)}. It costs money until it is stopped.`,
        run === undefined ? "It has no run in the ledger." : `It began run ${run.id} (${run.state}).`,
      ],
      [`Log of the runner: ${logLink(task.arn, place)}`],
      [`Stop it:   ${stop ?? `aws ecs stop-task --cluster ${cluster} --task ${task.arn} --region ${place.region}`}`],
    ]),
  };
}

/** For a scheduled start that failed for good. */
export function deadLetterEmail({ attributes, command, scheduledTime }: DeadLetter, place: ConsoleContext): Email {
  const named = (name: string): string | undefined => attributes.get(name);
  const code = named("ERROR_CODE") ?? "no error code";
  const attempts = Number(named("RETRY_ATTEMPTS") ?? Number.NaN);
  return {
    subject: emailSubject(`the schedule could not start its run: ${code} (${place.stack})`),
    body: textOf([
      ["The schedule could not start its run and does not try again."],
      [
        ...labelled("What happened", [
          `${code}: ${named("ERROR_MESSAGE") ?? "no message"}`,
          ...(Number.isNaN(attempts) ? [] : [`It was tried again ${plural(attempts, "time")}.`]),
        ]),
        ...(scheduledTime === undefined ? [] : labelled("When", [`scheduled for ${scheduledTime}`])),
        ...labelled("What stays", ["No run began. All plots stay as they are."]),
        ...labelled("What to do", [
          "Check that the scheduler's role may run the task, and that cluster, task definition and subnets exist: " +
            "`pulumi up --refresh` restores all of these.",
          ...[named("SCHEDULE_ARN"), named("TARGET_ARN")].flatMap((arn) => (arn === undefined ? [] : [arn])),
        ]),
      ],
      startAgain(command, place),
    ]),
  };
}

function whenOf({ createdAt, startedAt, stoppedAt }: StoppedTask): string {
  const stopped = `stopped ${clock(utc(stoppedAt))} on ${day(utc(stoppedAt))}`;
  if (startedAt === undefined)
    return createdAt === undefined ? stopped : `requested ${clock(utc(createdAt))}, ${stopped}`;
  const seconds = Math.max(0, (Date.parse(stoppedAt) - Date.parse(startedAt)) / 1000);
  return `started ${clock(utc(startedAt))}, ${stopped}, after ${duration(Math.round(seconds))}`;
}

function progress(run: RunRecord | undefined, cities: readonly CityRecord[]): string[] {
  if (run === undefined) return labelled("What stays", ["No run began. All plots stay as they are."]);
  if (cities.length === 0) {
    return [
      ...labelled("Progress", ["No city had begun."]),
      ...labelled("What stays", ["All plots stay as they are."]),
    ];
  }
  const undone = unfinished(cities);
  const counts = addCounts(cities.map((city) => city.counts));
  const named = firstOf(
    undone.map(({ city }) => city),
    namedUnfinished,
    (more) => `and ${count(more)} more`,
  );
  const left = undone.length === 0 ? "" : ` Not finished: ${named.join(", ")}.`;
  return [
    ...labelled("Progress", [
      `${count(cities.length - undone.length)} of ${plural(cities.length, "city", "cities")}; ` +
        `${count(inPlace(counts))} of ${plural(counts.expected, "plot")} in place.${left}`,
    ]),
    ...labelled("What stays", [
      "The plots of finished cities stay published. Of all other cities readers see the earlier plots.",
    ]),
  ];
}

function logOf(task: string, { lines, error }: RunnerLog, place: ConsoleContext): string[] {
  return [
    `Log of the runner: ${logLink(task, place)}`,
    ...(error === undefined ? [] : [`Its last lines could not be read: ${error}`]),
    ...lines.map((line) => `  | ${line}`),
  ];
}

function logLink(task: string, { region, logGroup }: ConsoleContext): string {
  return logStreamLink(region, logGroup, logStream("runner", taskId(task)));
}

function nextCommands(run: RunRecord, cities: readonly CityRecord[], place: ConsoleContext): string[] {
  const again = [...needAttention(cities), ...unfinished(cities)];
  const selected = again.length === cities.length ? [] : again.map(({ city }) => city);
  const stack = stackArgument(place);
  return [
    `See the result of each city:   replot show ${run.id}${stack}`,
    ...(cities.length > 0 && again.length === 0
      ? []
      : [
          `Do what is missing:   replot start ${run.request.preset}${selectionArguments(run.request, selected)}${stack}`,
        ]),
  ];
}

/** @param command the task's command line after `replot`, empty if unknown */
function startAgain(command: readonly string[], place: ConsoleContext): string[] {
  const [verb, ...words] = command;
  const asked = verb === "regenerate" ? words.map((word) => ` ${shellWord(word)}`).join("") : "";
  return [`Start it again:   replot start${asked}${stackArgument(place)}`];
}

function stackArgument({ stack }: ConsoleContext): string {
  return ` --stack ${stack}`;
}

/** `What happened    lines`, the further lines below the first. */
function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, n) => `${(n === 0 ? label : "").padEnd(labelWidth)}${line}`);
}

/** Converts a time with any offset, as ECS sends it, to UTC. */
function utc(time: string): string {
  return new Date(time).toISOString();
}

function capitalised(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
