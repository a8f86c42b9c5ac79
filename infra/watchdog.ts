/** The function that speaks when the runner can't, and what wakes it. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { environmentOf } from "../runner/settings/sources.ts";
import { watchdogSettings } from "../runner/watchdog/settings.ts";
import { functionTimeoutSeconds } from "../runner/watchdog/timing.ts";
import type { Notifications } from "./notifications.ts";
import { watchdogGrants, watchdogTrust } from "./policies/watchdog.ts";
import { Role } from "./roles.ts";
import type { Schedule } from "./schedule.ts";
import type { Stack } from "./stack.ts";
import type { Storage } from "./storage.ts";
import { maxRunSeconds, type Task } from "./task.ts";
import { watchdogHandler, watchdogPackage } from "./watchdog-package.ts";

export interface WatchdogParts {
  readonly storage: Storage;
  readonly notifications: Notifications;
  readonly task: Task;
  /** Undefined where it is switched off. */
  readonly schedule: Schedule | undefined;
}

/** Once a day, in the afternoon of Europe and the morning of America. */
const daily = "cron(0 14 * * ? *)";
const hour = 3600;

export class Watchdog extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;

  constructor(stack: Stack, parts: WatchdogParts) {
    super("replot:Watchdog", "watchdog");
    const { config, names, place, tags } = stack;
    const { storage, notifications, task, schedule } = parts;
    const child = { parent: this };
    const logGroup = new aws.cloudwatch.LogGroup(
      "watchdog",
      { name: names.watchdogLogGroup, retentionInDays: config.logRetentionDays, tags },
      child,
    );
    const role = new Role(
      "watchdog",
      stack,
      {
        name: names.watchdogRole,
        description: "What the watchdog may do",
        trust: watchdogTrust,
        grants: pulumi
          .output({
            cluster: task.cluster.arn,
            plotsBucket: storage.plotsBucket.arn,
            runsTable: storage.runsTable.arn,
            topic: notifications.topic.arn,
            deadLetterQueue: notifications.deadLetterQueue.arn,
            logGroup: logGroup.arn,
            taskLogGroup: task.logGroup.arn,
          })
          .apply((arns) => watchdogGrants({ place, clusterName: names.cluster, ...arns })),
      },
      child,
    );
    const variables = pulumi
      .output({
        stack: stack.name,
        plotsBucket: storage.plotsBucket.bucket,
        runsTable: storage.runsTable.name,
        topicArn: notifications.topic.arn,
        cluster: task.cluster.arn,
        taskFamily: names.taskFamily,
        logGroup: names.logGroup,
        maxRunSeconds: maxRunSeconds(config),
        maxDaysWithoutSuccess: config.maxDaysWithoutSuccess,
        schedule: schedule?.name,
      })
      .apply((values) => environmentOf(watchdogSettings, values));
    this.function = new aws.lambda.Function(
      "watchdog",
      {
        name: names.watchdog,
        description: "Says what became of a run that could not say so itself",
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: watchdogHandler,
        code: watchdogPackage(),
        role: role.arn,
        timeout: functionTimeoutSeconds,
        memorySize: 256,
        environment: { variables },
        loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
        tags,
      },
      { ...child, dependsOn: [role.policy] },
    );
    new aws.lambda.FunctionEventInvokeConfig(
      "watchdog",
      {
        functionName: this.function.name,
        maximumRetryAttempts: 2,
        maximumEventAgeInSeconds: 6 * hour,
        destinationConfig: { onFailure: { destination: notifications.topic.arn } },
      },
      { ...child, dependsOn: [role.policy] },
    );
    new aws.lambda.EventSourceMapping(
      "undelivered",
      {
        eventSourceArn: notifications.deadLetterQueue.arn,
        functionName: this.function.arn,
        batchSize: 1,
        scalingConfig: { maximumConcurrency: 2 },
        tags,
      },
      { ...child, dependsOn: [role.policy] },
    );
    this.wakeBy(stack, "stopped", {
      description: "A task of the family has stopped, in whatever way",
      eventPattern: pulumi.jsonStringify({
        source: ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        detail: {
          clusterArn: [task.cluster.arn],
          group: [`family:${names.taskFamily}`],
          lastStatus: ["STOPPED"],
        },
      }),
    });
    this.wakeBy(stack, "daily", {
      description: "Has any run succeeded of late, and is one under way that should have ended?",
      scheduleExpression: daily,
    });
    this.registerOutputs();
  }

  private wakeBy({ names, place, tags }: Stack, name: string, args: aws.cloudwatch.EventRuleArgs): void {
    const child = { parent: this };
    const rule = new aws.cloudwatch.EventRule(name, { name: `${names.prefix}-${name}`, tags, ...args }, child);
    const permission = new aws.lambda.Permission(
      name,
      {
        statementId: name,
        action: "lambda:InvokeFunction",
        function: this.function.name,
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
        sourceAccount: place.account,
      },
      child,
    );
    new aws.cloudwatch.EventTarget(
      name,
      { rule: rule.name, targetId: "watchdog", arn: this.function.arn },
      { ...child, dependsOn: [permission] },
    );
  }
}
