/** The watchdog: what wakes it, what it finds, and the one e-mail that follows, or none. */

import { logStream, taskId } from "../deployment/task-containers.ts";
import { messageOf, UnavailableError } from "../errors.ts";
import type { RunRecord } from "../records.ts";
import type { Email } from "../report/email.ts";
import { cleanLines, withoutRepeats } from "../text/clean.ts";
import { type Finding, lookAround } from "./daily.ts";
import { incidentOf, judge, type LedgerSnapshot } from "./decide.ts";
import type { WatchdogDependencies } from "./dependencies.ts";
import { diagnose } from "./diagnosis.ts";
import {
  type ConsoleContext,
  deadLetterEmail,
  deadRunEmail,
  lateEmail,
  overlongEmail,
  type RunnersLog,
  silenceEmail,
  stoppedEmail,
} from "./email.ts";
import type { DeadLetter, Incoming, StoppedTask } from "./events.ts";
import { lookEverySeconds, waitSeconds } from "./timing.ts";

/** What it did, for its log. */
export interface Action {
  readonly incident: string;
  readonly outcome: string;
}

const looksBack = 100;
const logLines = 12;

/** @throws UnavailableError where something could not be said, once all else was: it must be woken again */
export async function watch(incoming: Incoming, world: WatchdogDependencies): Promise<Action[]> {
  switch (incoming.kind) {
    case "stopped":
      return [await taskStopped(incoming.task, world)];
    case "clock":
      return dailyRound(world);
    case "dead letters":
      return each(incoming.letters, (letter) => scheduleGaveUp(letter, world));
  }
}

async function taskStopped(task: StoppedTask, world: WatchdogDependencies): Promise<Action> {
  const patience = world.now() + waitSeconds * 1000;
  for (;;) {
    const books = await readBooks(world);
    const verdict = judge(task, books, world.now() < patience);
    if (verdict.kind === "silence") return { incident: incidentOf(undefined, task), outcome: verdict.because };
    if (verdict.kind === "notice") {
      const { run } = verdict;
      return speak(incidentOf(run, task), () => taskEmail(task, run, books, world), world);
    }
    await world.pause(lookEverySeconds * 1000);
  }
}

async function taskEmail(
  task: StoppedTask,
  run: RunRecord | undefined,
  books: LedgerSnapshot,
  world: WatchdogDependencies,
): Promise<Email> {
  const diagnosis = diagnose(task, { ...world.settings, lock: books.lock });
  const late = run && (await reportOf(run, diagnosis.what, world));
  if (late !== undefined) return late;
  const cities = run === undefined ? [] : await world.ledger.cities(run.id);
  return stoppedEmail({ task, diagnosis, run, cities, log: await readLog(task.arn, world) }, placeOf(world));
}

/** The report that the runner made and could not send. */
async function reportOf(run: RunRecord, why: string, world: WatchdogDependencies): Promise<Email | undefined> {
  // without it, what the ledger says must do
  const summary = await world.summary(run.id).catch(() => undefined);
  if (summary === undefined) return undefined;
  const late =
    "This report comes late, from the watchdog: the runner had written it down, but its e-mail was not accepted. " +
    why;
  return lateEmail(summary, late, world.location, placeOf(world));
}

async function dailyRound(world: WatchdogDependencies): Promise<Action[]> {
  const { settings, notices } = world;
  const now = world.now();
  const [books, watchedSince, living] = await Promise.all([
    readBooks(world),
    notices.remember("watched since", new Date(now).toISOString()),
    world.livingTasks(),
  ]);
  const scheduled = settings.schedule !== undefined;
  const found = lookAround({ ...books, ...settings, now, watchedSince, living, scheduled });
  return each(found, (finding) => speak(finding.incident, () => findingEmail(finding, books, world), world));
}

async function findingEmail(
  finding: Finding,
  { runs, lock }: LedgerSnapshot,
  world: WatchdogDependencies,
): Promise<Email> {
  const { settings } = world;
  const place = placeOf(world);
  switch (finding.kind) {
    case "silence":
      return silenceEmail({ ...finding, atWork: lock?.run, schedule: settings.schedule ?? "" }, place);
    case "overlong": {
      const run = runs.find(({ task }) => task === finding.task.arn);
      return overlongEmail({ ...finding, ...settings, run, now: world.now() }, settings.cluster, place);
    }
    case "dead run": {
      const { run } = finding;
      const late = await reportOf(run, "Its task is gone.", world);
      if (late !== undefined) return late;
      return deadRunEmail(run, await world.ledger.cities(run.id), await readLog(run.task, world), place);
    }
  }
}

function scheduleGaveUp(letter: DeadLetter, world: WatchdogDependencies): Promise<Action> {
  const incident = `schedule#${letter.scheduledTime ?? letter.message}`;
  return speak(incident, async () => deadLetterEmail(letter, placeOf(world)), world);
}

/**
 * One e-mail for an incident, however many events tell of it: the claim is written first, and the sending noted after.
 * @throws UnavailableError where it could not be sent, or somebody else's sending has not come to its end
 */
async function speak(incident: string, compose: () => Promise<Email>, world: WatchdogDependencies): Promise<Action> {
  const email = await compose();
  const claim = await world.notices.claim(incident, email.subject);
  if (claim === "sent before") return { incident, outcome: claim };
  if (claim === "being sent") {
    throw new UnavailableError(
      `the e-mail about ${incident} is being sent, or its sending was cut off; wake me again later`,
    );
  }
  try {
    await world.topic.notify(email);
  } catch (thrown) {
    await claim.giveUp().catch(() => {});
    throw thrown;
  }
  await claim.sent();
  return { incident, outcome: `sent: ${email.subject}` };
}

/** One that fails keeps none of the others from being done. */
async function each<T>(items: readonly T[], act: (item: T) => Promise<Action>): Promise<Action[]> {
  const ends = await Promise.allSettled(items.map(act));
  const failed = ends.filter((end) => end.status === "rejected").map(({ reason }) => messageOf(reason));
  if (failed.length > 0) throw new UnavailableError(failed.join("; "));
  return ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
}

async function readBooks({ ledger, lock }: WatchdogDependencies): Promise<LedgerSnapshot> {
  // the lock first: a run that reports and releases it in between is then seen as reported
  const holder = await lock();
  return { lock: holder, runs: await ledger.runs(looksBack) };
}

async function readLog(task: string, world: WatchdogDependencies): Promise<RunnersLog> {
  if (!task.startsWith("arn:")) return { lines: [] };
  try {
    const lines = await world.lastLines(logStream("runner", taskId(task)), logLines);
    return { lines: withoutRepeats(cleanLines(lines.join("\n"))).slice(-logLines) };
  } catch (thrown) {
    return { lines: [], trouble: messageOf(thrown) };
  }
}

function placeOf({ settings: { stack, logGroup }, region }: WatchdogDependencies): ConsoleContext {
  return { stack, region, logGroup };
}
