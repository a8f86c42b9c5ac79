/** Starts one task of a stack, with retries that never start a second one. */
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
  /** Recorded by ECS with the task. */
  readonly startedBy: string;
}

export interface RetryOptions {
  /** Milliseconds for which transient refusals are retried. Default 5 min. */
  readonly whole?: number;
  /** Milliseconds before the first retry; the pause doubles up to 30 s. Default 2 s. */
  readonly first?: number;
  /** Called before each pause. */
  readonly onWait: (reason: string, seconds: number) => void;
  readonly signal: AbortSignal;
}

const longestPause = 30_000;

/**
 * @returns the task's ARN
 * @throws UnavailableError if ECS refuses permanently, or until the retries end
 */
export async function runTask(
  { deployment, ecs }: Pick<Stack, "deployment" | "ecs">,
  request: TaskRequest,
  { whole = 300_000, first = 2_000, onWait, signal }: RetryOptions,
): Promise<string> {
  const deadline = Date.now() + whole;
  for (let pause = first; ; pause = Math.min(pause * 2, longestPause)) {
    // The SDK retries a call without an answer with the same token, which starts no second task. After a refusal a new
    // token is needed: with the old one ECS would return the same refusal.
    const clientToken = randomUUID();
    const answer = await ecs
      .send(new RunTaskCommand({ ...taskInput(deployment, request), clientToken }))
      .catch(asFailure);
    const arn = answer.tasks?.[0]?.taskArn;
    if (arn !== undefined) return arn;
    const reason =
      (answer.failures ?? []).map(describeFailure).join("; ") || "the service started no task and gave no reason";
    const wait = Math.round(pause * (0.5 + Math.random() / 2));
    if (!isTransient(reason)) throw new UnavailableError(`the task can't be started: ${reason}${remedyFor(reason)}`);
    if (Date.now() + wait > deadline) {
      throw new UnavailableError(
        `the task could not be started within ${duration(whole / 1000)}: ${reason}${remedyFor(reason)}`,
      );
    }
    onWait(reason, wait / 1000);
    await delay(wait, undefined, { signal });
  }
}

/** The input of RunTask. */
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

/** A mutable copy, as the SDK's types require. */
function mutable({ containerOverrides }: ReturnType<typeof taskOverrides>): RunTaskCommandInput["overrides"] {
  return {
    containerOverrides: containerOverrides.map(({ name, command, environment }) => ({
      name,
      command: [...command],
      environment: environment.map((variable) => ({ ...variable })),
    })),
  };
}

/** Converts a transient error to an answer with failures. @throws UnavailableError for other errors */
function asFailure(thrown: unknown): { readonly failures: Failure[]; readonly tasks?: undefined } {
  const failure = awsFailure({ action: "ecs:RunTask", on: "the stack's task definition" }, thrown);
  const reason = messageOf(thrown);
  if (isTransient(reason)) return { failures: [{ reason }] };
  throw new UnavailableError(`${failure.message}${remedyFor(reason)}`);
}

function describeFailure({ reason = "no reason given", detail, arn }: Failure): string {
  return [reason, ...[detail, arn].filter((text) => text !== undefined)].join(", ");
}

/** Whether a retry may succeed: after lack of capacity or throttling, not after a quota of the account. */
function isTransient(reason: string): boolean {
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
