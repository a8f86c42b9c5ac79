/** Starts a task of a stack: one, however often the call has to be repeated. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Failure, RunTaskCommand, type RunTaskCommandInput } from "@aws-sdk/client-ecs";
import type { Deployment } from "../deployment/deployment.ts";
import { taskOverrides } from "../deployment/task-containers.ts";
import type { Capacity } from "../domain.ts";
import { messageOf, UnavailableError } from "../errors.ts";
import { duration } from "../format/format.ts";
import { settingsTable } from "../settings/table.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import type { Stack } from "./open.ts";

export interface TaskRequest {
  /** The command line after `replot`: `regenerate full`. */
  readonly words: readonly string[];
  readonly capacity: Capacity;
  /** Who asks; the service keeps it with the task. */
  readonly startedBy: string;
}

export interface Patience {
  /** Milliseconds for which refusals that pass are met by another attempt. Default 5 min. */
  readonly whole?: number;
  /** The pause after the first of them; it doubles up to 30 s. Default 2 s. */
  readonly first?: number;
  /** Called before each pause. */
  readonly onWait: (reason: string, seconds: number) => void;
  readonly signal: AbortSignal;
}

const longestPause = 30_000;

/**
 * @returns the task's ARN
 * @throws UnavailableError where the service refuses for good, or for longer than the patience lasts
 */
export async function runTask(
  { deployment, ecs }: Pick<Stack, "deployment" | "ecs">,
  request: TaskRequest,
  { whole = 300_000, first = 2_000, onWait, signal }: Patience,
): Promise<string> {
  const deadline = Date.now() + whole;
  for (let pause = first; ; pause = Math.min(pause * 2, longestPause)) {
    // The SDK repeats a call whose answer got lost with the same token: still one task. After an answer that says no
    // there is none, and a token that was used would bring the same answer again.
    const clientToken = randomUUID();
    const answer = await ecs
      .send(new RunTaskCommand({ ...taskInput(deployment, request), clientToken }))
      .catch(asFailure);
    const arn = answer.tasks?.[0]?.taskArn;
    if (arn !== undefined) return arn;
    const reason =
      (answer.failures ?? []).map(describeFailure).join("; ") || "the service started no task and gave no reason";
    const wait = Math.round(pause * (0.5 + Math.random() / 2));
    if (!passes(reason)) throw new UnavailableError(`the task can't be started: ${reason}${remedyFor(reason)}`);
    if (Date.now() + wait > deadline) {
      throw new UnavailableError(
        `the task could not be started within ${duration(whole / 1000)}: ${reason}${remedyFor(reason)}`,
      );
    }
    onWait(reason, wait / 1000);
    await delay(wait, undefined, { signal });
  }
}

/** What RunTask is given. */
function taskInput(deployment: Deployment, { words, capacity, startedBy }: TaskRequest): RunTaskCommandInput {
  const { cluster, taskDefinition, subnets, securityGroups, assignPublicIp } = deployment;
  return {
    cluster,
    taskDefinition,
    count: 1,
    // a capacity provider can't be named together with a launch type
    ...(capacity === "FARGATE_SPOT"
      ? { capacityProviderStrategy: [{ capacityProvider: capacity, weight: 1 }] }
      : { launchType: capacity }),
    networkConfiguration: {
      awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: assignPublicIp ? "ENABLED" : "DISABLED" },
    },
    overrides: mutable(taskOverrides(words, { [settingsTable.capacity.variable]: capacity })),
    propagateTags: "TASK_DEFINITION",
    enableECSManagedTags: true,
    startedBy,
  };
}

/** The SDK's types want arrays that it could change. */
function mutable({ containerOverrides }: ReturnType<typeof taskOverrides>): RunTaskCommandInput["overrides"] {
  return {
    containerOverrides: containerOverrides.map(({ name, command, environment }) => ({
      name,
      command: [...command],
      environment: environment.map((variable) => ({ ...variable })),
    })),
  };
}

/** Refusals that come as errors and pass, as an answer with failures; others are thrown. */
function asFailure(thrown: unknown): { readonly failures: Failure[]; readonly tasks?: undefined } {
  const failure = awsFailure({ action: "ecs:RunTask", on: "the stack's task definition" }, thrown);
  const reason = messageOf(thrown);
  if (passes(reason)) return { failures: [{ reason }] };
  throw new UnavailableError(`${failure.message}${remedyFor(reason)}`);
}

function describeFailure({ reason = "no reason given", detail, arn }: Failure): string {
  return [reason, ...[detail, arn].filter((text) => text !== undefined)].join(", ");
}

/** Want of capacity and of patience on the other side; a limit of the account doesn't pass by waiting a minute. */
function passes(reason: string): boolean {
  return /RESOURCE:|capacity is unavailable|rate exceeded|throttl/i.test(reason);
}

function remedyFor(reason: string): string {
  if (/limit on the number|vCPU/i.test(reason)) {
    return "\n  the account's Fargate quota is used up: replot doctor shows it; ask AWS to raise it, or make the task smaller";
  }
  if (/RESOURCE:|capacity/i.test(reason)) return "\n  start it again later, without --spot, or in other subnets";
  if (/subnet|security group/i.test(reason))
    return "\n  the network has changed since the stack was deployed: run pulumi up";
  if (/task ?definition/i.test(reason)) return "\n  the stack has changed since its outputs were read: run pulumi up";
  return "";
}
