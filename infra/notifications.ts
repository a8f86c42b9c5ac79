/** Who is told: the topic and its subscribers; and what the schedule could not deliver, which the watchdog reads. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { functionTimeoutSeconds } from "../runner/watchdog/timing.ts";
import { arn } from "./policies/aws-context.ts";
import { document, sourceConditions } from "./policies/grant.ts";
import type { Stack } from "./stack.ts";

/** AWS's advice for a queue that wakes a function: hidden for six times as long as the function may take. */
const hiddenSeconds = 6 * functionTimeoutSeconds;
const day = 24 * 3600;

export class Notifications extends pulumi.ComponentResource {
  readonly topic: aws.sns.Topic;
  readonly deadLetterQueue: aws.sqs.Queue;

  constructor(stack: Stack) {
    super("replot:Notifications", "notifications");
    const { config, names, place, tags } = stack;
    const child = { parent: this };
    this.topic = new aws.sns.Topic("reports", { name: names.topic, tags }, child);
    if (config.emails.length === 0) {
      void pulumi.log.warn("nobody receives e-mails about runs: pulumi config set emails ada@example.org", this);
    }
    for (const email of config.emails) {
      new aws.sns.TopicSubscription(email, { topic: this.topic.arn, protocol: "email", endpoint: email }, child);
    }
    this.deadLetterQueue = new aws.sqs.Queue(
      "undelivered",
      {
        name: names.deadLetterQueue,
        messageRetentionSeconds: 14 * day,
        visibilityTimeoutSeconds: hiddenSeconds,
        sqsManagedSseEnabled: true,
        tags,
      },
      child,
    );
    new aws.sqs.QueuePolicy(
      "undelivered",
      {
        queueUrl: this.deadLetterQueue.url,
        policy: pulumi.jsonStringify(this.deadLetterQueue.arn.apply((queue) => document([tlsOnly("sqs:*", queue)]))),
      },
      child,
    );
    const alarm = `${names.prefix}-watchdog-failed`;
    new aws.sns.TopicPolicy(
      "reports",
      {
        arn: this.topic.arn,
        policy: pulumi.jsonStringify(
          this.topic.arn.apply((topic) =>
            document([
              tlsOnly("sns:Publish", topic),
              {
                Sid: "Alarm",
                Effect: "Allow",
                Principal: { Service: "cloudwatch.amazonaws.com" },
                Action: ["sns:Publish"],
                Resource: [topic],
                Condition: sourceConditions({
                  account: place.account,
                  arn: arn(place, "cloudwatch", `alarm:${alarm}`),
                }),
              },
            ]),
          ),
        ),
      },
      child,
    );
    // The watchdog takes what lies here within a minute, tells of it and removes it. What is there after its second
    // attempt it fails at. (After a third, SQS no longer counts the message's age.)
    new aws.cloudwatch.MetricAlarm(
      "undelivered",
      {
        name: alarm,
        alarmDescription:
          `The schedule of stack ${stack.name} could not start its task, and the watchdog failed to say so: ` +
          `see the log group ${names.watchdogLogGroup} and the queue ${names.deadLetterQueue}.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateAgeOfOldestMessage",
        dimensions: { QueueName: this.deadLetterQueue.name },
        statistic: "Maximum",
        period: 300,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 1.5 * hiddenSeconds,
        treatMissingData: "notBreaching",
        alarmActions: [this.topic.arn],
        tags,
      },
      child,
    );
    this.registerOutputs();
  }
}

function tlsOnly(action: string, resource: string) {
  return {
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: [action],
    Resource: [resource],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  } as const;
}
