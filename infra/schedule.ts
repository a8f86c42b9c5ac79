/** What starts the task by itself, and keeps what could not be started. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { taskOverrides } from "../runner/deployment/task-containers.ts";
import { settingsTable } from "../runner/settings/table.ts";
import type { Network } from "./network.ts";
import type { Notifications } from "./notifications.ts";
import { schedulerGrants, schedulerTrust } from "./policies/scheduler.ts";
import { Role } from "./roles.ts";
import type { Stack } from "./stack.ts";
import type { Task } from "./task.ts";

/** What cannot start, for want of capacity say, is tried again for so long; after that nobody waits for the plots. */
const retriedSeconds = 6 * 3600;
/** With growing pauses these last for longer than that. */
const retries = 100;

/** The scheduler puts the time there that it meant; a run has its id from it, so a delivery made twice is one run. */
const scheduledTime = "<aws.scheduler.scheduled-time>";

export interface ScheduleParts {
  readonly expression: string;
  readonly task: Task;
  readonly network: Network;
  readonly notifications: Notifications;
}

export class Schedule extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  /** `GROUP/NAME`, as EventBridge writes it. */
  readonly path: pulumi.Output<string>;

  constructor(stack: Stack, { expression, task, network, notifications }: ScheduleParts) {
    super("replot:Schedule", "schedule");
    const { config, names, place, tags } = stack;
    const child = { parent: this };
    const group = new aws.scheduler.ScheduleGroup("weekly", { name: names.scheduleGroup, tags }, child);
    const role = new Role(
      "scheduler",
      stack,
      {
        name: names.schedulerRole,
        description: "What the schedule may start",
        trust: group.arn.apply((arn) => schedulerTrust(place, arn)),
        grants: pulumi
          .output({
            cluster: task.cluster.arn,
            taskRole: task.role.arn,
            executionRole: task.executionRole.arn,
            deadLetterQueue: notifications.deadLetterQueue.arn,
          })
          .apply((arns) =>
            schedulerGrants({ place, taskFamily: names.taskFamily, clusterName: names.cluster, ...arns }),
          ),
      },
      child,
    );
    const schedule = new aws.scheduler.Schedule(
      "weekly",
      {
        name: names.schedule,
        groupName: group.name,
        description: `replot regenerate ${config.preset}`,
        scheduleExpression: expression,
        scheduleExpressionTimezone: config.timeZone,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: task.cluster.arn,
          roleArn: role.arn,
          input: JSON.stringify(
            taskOverrides(["regenerate", config.preset], { [settingsTable.scheduledTime.variable]: scheduledTime }),
          ),
          ecsParameters: {
            taskDefinitionArn: task.definition.arn,
            taskCount: 1,
            capacityProviderStrategies: [{ capacityProvider: config.capacity, weight: 1 }],
            networkConfiguration: {
              subnets: network.subnets.apply((subnets) => [...subnets]),
              securityGroups: [network.securityGroup.id],
              assignPublicIp: config.assignPublicIp,
            },
            propagateTags: "TASK_DEFINITION",
          },
          retryPolicy: { maximumEventAgeInSeconds: retriedSeconds, maximumRetryAttempts: retries },
          deadLetterConfig: { arn: notifications.deadLetterQueue.arn },
        },
      },
      { ...child, dependsOn: [role.policy, task.capacity] },
    );
    this.name = schedule.name;
    this.path = pulumi.interpolate`${group.name}/${schedule.name}`;
    this.registerOutputs();
  }
}
