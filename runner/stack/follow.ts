/** Follows a run's task to its end. The task's state comes from ECS, the progress of the run from the ledger. */
import { setTimeout as delay } from "node:timers/promises";
import type { Task } from "@aws-sdk/client-ecs";
import { stopTimeouts, taskId } from "../deployment/task-containers.ts";
import type { CityCode, RunId } from "../domain.ts";
import { UnavailableError } from "../errors.ts";
import { duration } from "../format/format.ts";
import type { CityRecord, RunRecord } from "../records.ts";
import { endLine } from "../report/progress.ts";
import type { Ledger } from "../stores/ports.ts";
import { describeTask } from "./ecs-task.ts";
import { logReader } from "./log-lines.ts";
import type { Stack } from "./open.ts";
import { ledgerLine } from "./progress.ts";

export interface FollowOptions {
  readonly ledger: Ledger;
  readonly nameOf: (city: CityCode) => string;
  /** Prints one line. */
  readonly print: (text: string) => void;
  /** Print the runner's log lines as well. */
  readonly logs: boolean;
  /** Aborted when the user no longer wants to follow. */
  readonly signal: AbortSignal;
  /** Milliseconds between two requests. Default 1 s. */
  readonly every?: number;
}

/** Seconds after which the pause between two requests becomes five times as long. */
const frequentSeconds = 120;

export interface Followed {
  readonly task: Task;
  /** The run that the task began; undefined if it began none. */
  readonly run: RunRecord | undefined;
  readonly cities: readonly CityRecord[];
}

/** Seconds from the start of a task to its first container: ECS finds capacity and pulls the images. */
const startTimeout = 900;
/** Seconds beyond the task's time limit, for ECS to report its end. */
const margin = 180;
/** Seconds for which ECS may not yet know a task that it has just started. */
const unknownTimeout = 60;
/** Milliseconds between two lines of progress. */
const progressInterval = 30_000;

/**
 * @returns the stopped task; undefined if the signal was aborted
 * @throws UnavailableError if the task exceeds every time limit, or ECS no longer knows it
 */
export async function followTask(stack: Stack, arn: string, options: FollowOptions): Promise<Followed | undefined> {
  const { ledger, print, signal, every = 1_000 } = options;
  const began = Date.now();
  const readLog = options.logs ? logReader(stack, "runner", arn) : async () => [];
  let state = "";
  let saidProgress = 0;
  const known: Known = { run: undefined, ended: new Set() };

  for (;;) {
    const task = await describeTask(stack, arn);
    if (task === undefined) refuseUnknown(arn, state, (Date.now() - began) / 1000);
    if (task !== undefined && task.lastStatus !== state) {
      state = task.lastStatus ?? "";
      print(`${now()}  ${state}${stateDetail(task)}`);
    }
    for (const line of await readLog()) print(line);
    const { run, cities } = await lookAtLedger(ledger, arn, known, options);
    if (task?.lastStatus === "STOPPED") return { task, run, cities };

    const deadline = deadlineOf(task, began, stack.deployment.maxRunSeconds);
    if (Date.now() > deadline.time) throw new UnavailableError(`task ${taskId(arn)} ${deadline.missed}`);
    if (run !== undefined && Date.now() - saidProgress >= progressInterval) {
      saidProgress = Date.now();
      print(`${now()}  ${ledgerLine(run, cities, Date.now(), deadline.time)}`);
    }
    const calm = Date.now() - began > frequentSeconds * 1000;
    await delay(calm ? 5 * every : every, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
  }
}

interface Known {
  run: RunId | undefined;
  readonly ended: Set<CityCode>;
}

async function lookAtLedger(
  ledger: Ledger,
  arn: string,
  known: Known,
  { print, nameOf, logs }: FollowOptions,
): Promise<Pick<Followed, "run" | "cities">> {
  const run = known.run === undefined ? await runOfTask(ledger, arn) : await ledger.run(known.run);
  if (run === undefined) return { run, cities: [] };
  if (known.run === undefined) {
    known.run = run.id;
    print(`${now()}  run ${run.id}`);
  }
  const cities = await ledger.cities(run.id);
  const ended = cities.filter(({ state }) => state !== "pending" && state !== "running");
  for (const record of ended.filter(({ city }) => !known.ended.has(city))) {
    known.ended.add(record.city);
    // the runner's log has the same line
    if (!logs) print(`${now()}  ${endLine(record, nameOf(record.city))}`);
  }
  return { run, cities };
}

/** The run that a task began: the newest that names it. */
export async function runOfTask(ledger: Ledger, arn: string): Promise<RunRecord | undefined> {
  return (await ledger.runs(10)).find(({ task }) => task === arn);
}

function stateDetail({ lastStatus, capacityProviderName, launchType }: Task): string {
  if (lastStatus === "RUNNING") return "";
  return lastStatus === "PROVISIONING" ? ` (${capacityProviderName ?? launchType ?? "FARGATE"})` : "";
}

function deadlineOf(
  task: Task | undefined,
  began: number,
  maxRunSeconds: number,
): { readonly time: number; readonly missed: string } {
  if (task?.startedAt === undefined && task?.lastStatus !== "RUNNING") {
    return {
      time: began + startTimeout * 1000,
      missed: `has not begun to run within ${duration(startTimeout)}; replot stops waiting`,
    };
  }
  const seconds = maxRunSeconds + stopTimeouts.runner + margin;
  return {
    time: (task.startedAt?.getTime() ?? began) + seconds * 1000,
    missed: `still runs after its time limit of ${duration(maxRunSeconds)} and is no longer followed`,
  };
}

function refuseUnknown(arn: string, state: string, seconds: number): void {
  if (state === "" && seconds < unknownTimeout) return;
  throw new UnavailableError(`the service doesn't know task ${taskId(arn)}${state === "" ? "" : " any more"}`);
}

/** `14:03:21 UTC` */
function now(): string {
  return `${new Date().toISOString().slice(11, 19)} UTC`;
}
