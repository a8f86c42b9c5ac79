/** The task: where it runs, what it may do, where it logs to, and its definition. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config.ts";
import type { Images } from "./images.ts";
import type { Notifications } from "./notifications.ts";
import { type AwsContext, arn } from "./policies/aws-context.ts";
import { executionGrants } from "./policies/execution.ts";
import { taskGrants, taskTrust } from "./policies/task.ts";
import { Role } from "./roles.ts";
import type { Stack } from "./stack.ts";
import type { Storage } from "./storage.ts";
import { imageRoot, taskDefinition } from "./task-definition.ts";

export interface TaskParts {
  readonly images: Images;
  readonly storage: Storage;
  readonly notifications: Notifications;
}

export function maxRunSeconds({ maxRunHours }: Pick<Config, "maxRunHours">): number {
  return maxRunHours * 3600;
}

export class Task extends pulumi.ComponentResource {
  readonly cluster: aws.ecs.Cluster;
  /** Fargate and Fargate Spot for the cluster: nothing starts in it before. */
  readonly capacity: aws.ecs.ClusterCapacityProviders;
  readonly logGroup: aws.cloudwatch.LogGroup;
  readonly role: Role;
  readonly executionRole: Role;
  readonly definition: aws.ecs.TaskDefinition;

  constructor(stack: Stack, { images, storage, notifications }: TaskParts) {
    super("replot:Task", "task");
    const { config, names, place, tags } = stack;
    const child = { parent: this };
    const secretArns = Object.fromEntries(
      Object.entries(config.rSecrets).map(([name, parameter]) => [name, parameterArn(place, parameter)]),
    );

    this.cluster = new aws.ecs.Cluster("runs", { name: names.cluster, tags }, child);
    this.capacity = new aws.ecs.ClusterCapacityProviders(
      "runs",
      { clusterName: this.cluster.name, capacityProviders: ["FARGATE", "FARGATE_SPOT"] },
      child,
    );
    this.logGroup = new aws.cloudwatch.LogGroup(
      "runs",
      { name: names.logGroup, retentionInDays: config.logRetentionDays, tags },
      child,
    );
    this.role = new Role(
      "task",
      stack,
      {
        name: names.taskRole,
        description: "What the runner may do",
        trust: taskTrust(place),
        grants: pulumi
          .output({
            dataBucket: storage.dataBucket.arn,
            plotsBucket: storage.plotsBucket.arn,
            plotsTable: storage.plotsTable.arn,
            runsTable: storage.runsTable.arn,
            topic: notifications.topic.arn,
          })
          .apply(taskGrants),
      },
      child,
    );
    this.executionRole = new Role(
      "execution",
      stack,
      {
        name: names.executionRole,
        description: "What ECS does for the task: images, logs, secrets",
        trust: taskTrust(place),
        grants: pulumi
          .output({
            repositories: images.repositories,
            logGroup: this.logGroup.arn,
            parameters: Object.values(secretArns),
          })
          .apply(executionGrants),
      },
      child,
    );
    const fields = pulumi
      .output({
        taskRole: this.role.arn,
        executionRole: this.executionRole.arn,
        runnerImage: images.runner,
        rImage: images.r,
        dataBucket: storage.dataBucket.bucket,
        plotsBucket: storage.plotsBucket.bucket,
        plotsTable: storage.plotsTable.name,
        runsTable: storage.runsTable.name,
        topicArn: notifications.topic.arn,
      })
      .apply(({ taskRole, executionRole, runnerImage, rImage, ...stores }) =>
        taskDefinition({
          ...config,
          ...rSettings(config),
          rSecrets: secretArns,
          workers: config.workers ?? Math.max(1, Math.floor(config.cpu / 1024)),
          maxRunSeconds: maxRunSeconds(config),
          family: names.taskFamily,
          region: place.region,
          taskRole,
          executionRole,
          logGroup: names.logGroup,
          runnerImage,
          rImage,
          catalog: `${imageRoot}/${config.catalog}`,
          cloud: { stack: stack.name, ...stores },
        }),
      );
    this.definition = new aws.ecs.TaskDefinition(
      "run",
      {
        family: fields.family,
        cpu: fields.cpu,
        memory: fields.memory,
        networkMode: fields.networkMode,
        requiresCompatibilities: fields.requiresCompatibilities,
        runtimePlatform: fields.runtimePlatform,
        ephemeralStorage: fields.ephemeralStorage,
        taskRoleArn: fields.taskRoleArn,
        executionRoleArn: fields.executionRoleArn,
        volumes: fields.volumes,
        containerDefinitions: pulumi.jsonStringify(fields.containerDefinitions),
        // a delivery of the schedule that is being retried, or a command copied earlier, names an earlier revision
        skipDestroy: config.protectData,
        tags,
      },
      { ...child, dependsOn: [this.logGroup, this.role.policy, this.executionRole.policy] },
    );
    this.registerOutputs();
  }
}

/** What an image of another group is asked for less of, unless somebody says so. */
function rSettings({ rImage, rEvents, rReadOnlyRoot, rUser }: Config) {
  const ours = rImage === undefined;
  return { rEvents: rEvents ?? ours, rReadOnlyRoot: rReadOnlyRoot ?? ours, rUser };
}

/** @param parameter its ARN, or its name with or without a leading slash */
function parameterArn(place: AwsContext, parameter: string): string {
  return parameter.startsWith("arn:") ? parameter : arn(place, "ssm", `parameter/${parameter.replace(/^\//, "")}`);
}
