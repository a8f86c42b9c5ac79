/** The scheduler's role: starts this family's task in this cluster, and nothing else. */

import { type AwsContext, arn } from "./aws-context.ts";
import type { Grant, Trust } from "./grant.ts";

export interface SchedulerResources {
  readonly place: AwsContext;
  readonly taskFamily: string;
  readonly clusterName: string;
  /** ARNs. */
  readonly cluster: string;
  readonly taskRole: string;
  readonly executionRole: string;
  readonly deadLetterQueue: string;
}

export function schedulerGrants(resources: SchedulerResources): Grant[] {
  const { place, taskFamily, clusterName, cluster, taskRole, executionRole, deadLetterQueue } = resources;
  return [
    {
      id: "RunTask",
      actions: ["ecs:RunTask"],
      resources: [arn(place, "ecs", `task-definition/${taskFamily}:*`)],
      conditions: { ArnEquals: { "ecs:cluster": cluster } },
      why: "start the weekly run",
      pattern: "any revision: a delivery that is being retried while the stack is updated names the one before",
    },
    {
      id: "PassRoles",
      actions: ["iam:PassRole"],
      resources: [taskRole, executionRole],
      conditions: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
      why: "the task it starts has these two roles",
    },
    {
      id: "TagTask",
      actions: ["ecs:TagResource"],
      resources: [arn(place, "ecs", `task/${clusterName}/*`)],
      conditions: { StringEquals: { "ecs:CreateAction": "RunTask" } },
      why: "the task gets the stack's tags, and its cost is found by them",
      pattern: "a task has its id from ECS",
    },
    {
      id: "KeepUndelivered",
      actions: ["sqs:SendMessage"],
      resources: [deadLetterQueue],
      why: "what could not be delivered wakes the watchdog",
    },
  ];
}

/** @param group ARN of the schedule group: the scheduler names that, never the schedule */
export function schedulerTrust(place: AwsContext, group: string): Trust {
  return { service: "scheduler.amazonaws.com", source: { account: place.account, arn: group } };
}
