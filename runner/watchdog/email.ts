/** The watchdog's e-mails, in plain words: what happened, when, how far it came, what stays, what to look at and type. */

import { logStream } from "../deployment/task-containers.ts";
import { emailSubject } from "../format/email-subject.ts";
import { clock, count, day, duration, plural } from "../format/format.ts";
import type { CityRecord, RunRecord } from "../records.ts";
import { composeEmail, type Email, type EmailOptions, textOf } from "../report/email.ts";
import { selectionArguments } from "../report/selection.ts";
import { addCounts, inPlace, needAttention, type Summary, unfinished } from "../report/summary.ts";
import { logStreamLink } from "../stores/aws/console.ts";
import { cleanLine, firstOf } from "../text/clean.ts";
import { taskId } from "./decide.ts";
import type { LivingTask } from "./dependencies.ts";
import { type Diagnosis, wordForWord } from "./diagnosis.ts";
import type { DeadLetter, StoppedTask } from "./events.ts";

/** Where this is: what links and commands are made of. */
export interface ConsoleContext {
  readonly stack: string;
  readonly region: string;
  readonly logGroup: string;
}

export interface RunnersLog {
  readonly lines: readonly string[];
  /** Why there are none, where they could not be read. */
  readonly trouble?: string;
}

const labelWidth = 17;
const namedUnfinished = 40;

/** A task that stopped without a report. */
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
    readonly log: RunnersLog;
  },
  place: ConsoleContext,
): Email {
  const which = run === undefined ? "a task ended before any run began" : `${run.id} ended without a report`;
  return {
    subject: emailSubject(`${run === undefined ? "no run" : run.id}: ${diagnosis.headline} (${place.stack})`),
    body: textOf([
      [`${capitalised(which)}, so the watchdog reports it.`],
      [
        ...labelled("What happened", [diagnosis.what, `AWS says: ${wordForWord(task)}`]),
        ...labelled("When", [whenOf(task)]),
        ...progress(run, cities),
        ...labelled("What to look at", [diagnosis.remedy]),
      ],
      // a task that never started has no log to link to
      task.startedAt === undefined && log.lines.length === 0 ? [] : logOf(task.arn, log, place),
      run === undefined ? startAgain(task.command, place) : nextCommands(run, cities, place),
    ]),
  };
}

/** A run that the ledger has without an end or a report, while nothing works on it. */
export function deadRunEmail(
  run: RunRecord,
  cities: readonly CityRecord[],
  log: RunnersLog,
  place: ConsoleContext,
): Email {
  const ended =
    run.ended === undefined ? "It has no end in the ledger" : `It ended at ${clock(run.ended)} (${run.state})`;
  return {
    subject: emailSubject(`${run.id}: it is gone without a report (${place.stack})`),
    body: textOf([
      [`${run.id} never reported, and nothing works on it any more, so the watchdog reports it.`],
      [
        ...labelled("What happened", [
          `${ended}; its task is gone, and the lock is not held for it.`,
          ...(run.error === undefined ? [] : [cleanLine(run.error)]),
          "The next run puts the ledger right.",
        ]),
        ...labelled("When", [`began ${clock(run.started)} on ${day(run.started)}; found by the daily check`]),
        ...progress(run, cities),
      ],
      run.task.startsWith("arn:") ? logOf(run.task, log, place) : [`It ran as ${run.task}.`],
      nextCommands(run, cities, place),
    ]),
  };
}

/** The runner's own report, which it could not send. */
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

/** No run has succeeded for too long. */
export function silenceEmail(
  {
    last,
    days,
    atWork,
    schedule,
  }: {
    readonly last: RunRecord | undefined;
    readonly days: number;
    readonly atWork: RunRecord["id"] | undefined;
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
        "Readers see the plots that were there before; none of them is lost.",
        ...(atWork === undefined ? [] : [`${atWork} is at work now.`]),
        `Look whether the schedule ${schedule} is enabled, what became of the runs since, and whether their e-mails came.`,
        "This e-mail is repeated weekly as long as it stays so.",
      ],
      [
        `See what became of runs:   replot runs${stackArgument(place)}`,
        `See that all is in place:   replot doctor${stackArgument(place)}`,
        `Start one now:   replot start${stackArgument(place)}`,
      ],
    ]),
  };
}

/** A task that its own longest life has not ended. */
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
        `Task ${taskId(task.arn)} has been there since ${clock(task.since)} on ${day(task.since)}, for ${hours}; it should ` +
          `have ended itself after ${duration(maxRunSeconds)}. It costs money until it is stopped.`,
        run === undefined ? "It has no run in the ledger." : `It began run ${run.id} (${run.state}).`,
      ],
      [`Log of the runner: ${logLink(task.arn, place)}`],
      [`Stop it:   ${stop ?? `aws ecs stop-task --cluster ${cluster} --task ${task.arn} --region ${place.region}`}`],
    ]),
  };
}

/** A delivery that the schedule gave up. */
export function deadLetterEmail({ attributes, command, scheduledTime }: DeadLetter, place: ConsoleContext): Email {
  const named = (name: string): string | undefined => attributes.get(name);
  const code = named("ERROR_CODE") ?? "no error code";
  const attempts = Number(named("RETRY_ATTEMPTS") ?? Number.NaN);
  return {
    subject: emailSubject(`the schedule could not start its run: ${code} (${place.stack})`),
    body: textOf([
      ["The schedule could not start its run, and has given up."],
      [
        ...labelled("What happened", [
          `${code}: ${named("ERROR_MESSAGE") ?? "no message"}`,
          ...(Number.isNaN(attempts) ? [] : [`It was tried again ${plural(attempts, "time")}.`]),
        ]),
        ...(scheduledTime === undefined ? [] : labelled("When", [`it was due at ${scheduledTime}`])),
        ...labelled("What stays", ["No run began. All plots stay as they are."]),
        ...labelled("What to look at", [
          "Whether the scheduler's role may still run the task, and whether cluster, task definition and subnets are " +
            "still there: `pulumi up` puts all of these back.",
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
    return createdAt === undefined ? stopped : `asked for ${clock(utc(createdAt))}, ${stopped}`;
  const seconds = Math.max(0, (Date.parse(stoppedAt) - Date.parse(startedAt)) / 1000);
  return `started ${clock(utc(startedAt))}, ${stopped}, after ${duration(Math.round(seconds))}`;
}

function progress(run: RunRecord | undefined, cities: readonly CityRecord[]): string[] {
  if (run === undefined) return labelled("What stays", ["No run began. All plots stay as they are."]);
  if (cities.length === 0) {
    return [
      ...labelled("How far it came", ["It had not begun with any city."]),
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
    ...labelled("How far it came", [
      `${count(cities.length - undone.length)} of ${plural(cities.length, "city", "cities")}; ` +
        `${count(inPlace(counts))} of ${plural(counts.expected, "plot")} in place.${left}`,
    ]),
    ...labelled("What stays", ["What finished cities published stays. Of all others readers see the earlier plots."]),
  ];
}

function logOf(task: string, { lines, trouble }: RunnersLog, place: ConsoleContext): string[] {
  return [
    `Log of the runner: ${logLink(task, place)}`,
    ...(trouble === undefined ? [] : [`Its last lines could not be read: ${trouble}`]),
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
    `See what became of each city:   replot show ${run.id}${stack}`,
    ...(cities.length > 0 && again.length === 0
      ? []
      : [
          `Do what is missing:   replot start ${run.request.preset}${selectionArguments(run.request, selected)}${stack}`,
        ]),
  ];
}

/** @param command what the task was asked for, where that is known */
function startAgain(command: readonly string[], place: ConsoleContext): string[] {
  const [verb, ...words] = command;
  const asked = verb === "regenerate" ? words.map((word) => ` ${shellWord(word)}`).join("") : "";
  return [`Start it again:   replot start${asked}${stackArgument(place)}`];
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function stackArgument({ stack }: ConsoleContext): string {
  return ` --stack ${stack}`;
}

/** `What happened    lines`, the further lines below the first. */
function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, n) => `${(n === 0 ? label : "").padEnd(labelWidth)}${line}`);
}

/** Times of ECS may have another zone's offset. */
function utc(time: string): string {
  return new Date(time).toISOString();
}

function capitalised(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
