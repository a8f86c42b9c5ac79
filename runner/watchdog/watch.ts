/** The watchdog: turns an event into findings, and each finding into at most one e-mail. */

import { logStream, taskId } from "../deployment/task-containers.ts";
import { messageOf, UnavailableError } from "../errors.ts";
import type { RunRecord } from "../records.ts";
import type { Email } from "../report/email.ts";
import { cleanLines, withoutRepeats } from "../text/clean.ts";
import { type DailyFinding, findProblems } from "./daily.ts";
import { incidentOf, judge, type LedgerSnapshot } from "./decide.ts";
import type { WatchdogDependencies } from "./dependencies.ts";
import { diagnose } from "./diagnosis.ts";
import {
  type ConsoleContext,
  deadLetterEmail,
  deadRunEmail,
  lateEmail,
  noSuccessEmail,
  overlongEmail,
  type RunnerLog,
  stoppedEmail,
} from "./email.ts";
import type { DeadLetter, Incoming, StoppedTask } from "./events.ts";
import { lookEverySeconds, waitSeconds } from "./timing.ts";

/** What the watchdog did about an incident; written to its log. */
export interface Action {
  readonly incident: string;
  readonly outcome: string;
}

/** Latest runs that the watchdog reads from the ledger. */
const runsRead = 100;
const logLines = 12;

/** @throws UnavailableError if an e-mail could not be sent; all others were. The event must be delivered again. */
export async function watch(incoming: Incoming, world: WatchdogDependencies): Promise<Action[]> {
  switch (incoming.kind) {
    case "stopped":
      return [await taskStopped(incoming.task, world)];
    case "clock":
      return dailyCheck(world);
    case "dead letters":
      return each(incoming.letters, (letter) => scheduleGaveUp(letter, world));
  }
}

async function taskStopped(task: StoppedTask, world: WatchdogDependencies): Promise<Action> {
  const deadline = world.now() + waitSeconds * 1000;
  for (;;) {
    const snapshot = await readSnapshot(world);
    const decision = judge(task, snapshot, world.now() < deadline);
    if (decision.kind === "none") return { incident: incidentOf(undefined, task), outcome: decision.because };
    if (decision.kind === "notice") {
      const { run } = decision;
      return notifyOnce(incidentOf(run, task), () => taskEmail(task, run, snapshot, world), world);
    }
    await world.pause(lookEverySeconds * 1000);
  }
}

async function taskEmail(
  task: StoppedTask,
  run: RunRecord | undefined,
  snapshot: LedgerSnapshot,
  world: WatchdogDependencies,
): Promise<Email> {
  const diagnosis = diagnose(task, { ...world.settings, lock: snapshot.lock });
  const late = run && (await reportOf(run, diagnosis.what, world));
  if (late !== undefined) return late;
  const cities = run === undefined ? [] : await world.ledger.cities(run.id);
  return stoppedEmail({ task, diagnosis, run, cities, log: await readLog(task.arn, world) }, placeOf(world));
}

/** The report that the runner stored but could not send; undefined if there is none. */
async function reportOf(run: RunRecord, why: string, world: WatchdogDependencies): Promise<Email | undefined> {
  // without a readable summary, the e-mail is made from the ledger
  const summary = await world.summary(run.id).catch(() => undefined);
  if (summary === undefined) return undefined;
  const late = `The watchdog sends this report, late: the runner stored it, but its e-mail was not accepted. ${why}`;
  return lateEmail(summary, late, world.location, placeOf(world));
}

async function dailyCheck(world: WatchdogDependencies): Promise<Action[]> {
  const { settings, notices } = world;
  const now = world.now();
  const [snapshot, watchedSince, living] = await Promise.all([
    readSnapshot(world),
    notices.remember("watched since", new Date(now).toISOString()),
    world.livingTasks(),
  ]);
  const scheduled = settings.schedule !== undefined;
  const found = findProblems({ ...snapshot, ...settings, now, watchedSince, living, scheduled });
  return each(found, (finding) => notifyOnce(finding.incident, () => findingEmail(finding, snapshot, world), world));
}

async function findingEmail(
  finding: DailyFinding,
  { runs, lock }: LedgerSnapshot,
  world: WatchdogDependencies,
): Promise<Email> {
  const { settings } = world;
  const place = placeOf(world);
  switch (finding.kind) {
    case "no success":
      return noSuccessEmail({ ...finding, running: lock?.run, schedule: settings.schedule ?? "" }, place);
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
  return notifyOnce(incident, async () => deadLetterEmail(letter, placeOf(world)), world);
}

/**
 * Sends one e-mail per incident, however many events report it: the claim is written before the e-mail is sent, and
 * marked as sent afterwards.
 * @throws UnavailableError if the e-mail could not be sent, or another invocation has claimed it and not yet sent it
 */
async function notifyOnce(
  incident: string,
  compose: () => Promise<Email>,
  world: WatchdogDependencies,
): Promise<Action> {
  const email = await compose();
  const claim = await world.notices.claim(incident, email.subject);
  if (claim === "sent before") return { incident, outcome: claim };
  if (claim === "being sent") {
    throw new UnavailableError(
      `another invocation is sending the e-mail about ${incident}, or was interrupted while sending it; invoke the watchdog again later`,
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

/** Acts on every item, also if some fail. @throws UnavailableError with the messages of all that failed */
async function each<T>(items: readonly T[], act: (item: T) => Promise<Action>): Promise<Action[]> {
  const ends = await Promise.allSettled(items.map(act));
  const failed = ends.filter((end) => end.status === "rejected").map(({ reason }) => messageOf(reason));
  if (failed.length > 0) throw new UnavailableError(failed.join("; "));
  return ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
}

async function readSnapshot({ ledger, lock }: WatchdogDependencies): Promise<LedgerSnapshot> {
  // the lock is read first: a run that reports and releases the lock in between then counts as reported
  const holder = await lock();
  return { lock: holder, runs: await ledger.runs(runsRead) };
}

async function readLog(task: string, world: WatchdogDependencies): Promise<RunnerLog> {
  if (!task.startsWith("arn:")) return { lines: [] };
  try {
    const lines = await world.lastLines(logStream("runner", taskId(task)), logLines);
    return { lines: withoutRepeats(cleanLines(lines.join("\n"))).slice(-logLines) };
  } catch (thrown) {
    return { lines: [], error: messageOf(thrown) };
  }
}

function placeOf({ settings: { stack, logGroup }, region }: WatchdogDependencies): ConsoleContext {
  return { stack, region, logGroup };
}
