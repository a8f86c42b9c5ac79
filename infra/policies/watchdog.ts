/** The watchdog's role: reads what became of a run, notes that it spoke, and speaks. */

import { logStream } from "../../runner/deployment/task-containers.ts";
import { noticesPartition, runsPrefix } from "../../runner/layout.ts";
import { type AwsContext, arn } from "./aws-context.ts";
import type { Grant, Trust } from "./grant.ts";

export interface WatchdogResources {
  readonly place: AwsContext;
  readonly clusterName: string;
  /** ARNs. */
  readonly cluster: string;
  readonly plotsBucket: string;
  readonly runsTable: string;
  readonly topic: string;
  readonly deadLetterQueue: string;
  /** Of the function's own log group and of the tasks', without `:*`. */
  readonly logGroup: string;
  readonly taskLogGroup: string;
}

export function watchdogGrants(resources: WatchdogResources): Grant[] {
  const { place, clusterName, cluster, plotsBucket, runsTable, topic, deadLetterQueue } = resources;
  const { logGroup, taskLogGroup } = resources;
  const inCluster = { ArnEquals: { "ecs:cluster": cluster } };
  return [
    {
      id: "ReadLedger",
      actions: ["dynamodb:GetItem", "dynamodb:Query"],
      resources: [runsTable],
      why: "find the run of a stopped task, and who holds the lock",
    },
    {
      id: "KeepNotices",
      actions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
      resources: [runsTable],
      conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [noticesPartition] } },
      why: "note what it says, so that one incident is one e-mail; it changes nothing else of the ledger",
    },
    {
      id: "ReadRuns",
      actions: ["s3:GetObject"],
      resources: [`${plotsBucket}/${runsPrefix}*`],
      why: "the summary of a run whose e-mail was not accepted",
      pattern: "objects can't be named one by one: new keys come with every run",
    },
    {
      id: "ListBucket",
      actions: ["s3:ListBucket"],
      resources: [plotsBucket],
      why: "without it S3 answers 403 instead of 404 for a run that left no summary",
    },
    {
      id: "ReadLogs",
      actions: ["logs:GetLogEvents"],
      resources: [`${taskLogGroup}:log-stream:${logStream("runner", "*")}`],
      why: "the last lines of a task that died without a word",
      pattern: "a stream is named after its task",
    },
    {
      id: "ListTasks",
      actions: ["ecs:ListTasks"],
      resources: ["*"],
      conditions: inCluster,
      why: "is a run of the family under way?",
      pattern: "the action knows container instances only, which Fargate has none of; the condition names the cluster",
    },
    {
      id: "DescribeTasks",
      actions: ["ecs:DescribeTasks"],
      resources: [arn(place, "ecs", `task/${clusterName}/*`)],
      conditions: inCluster,
      why: "why did a task stop?",
      pattern: "a task has its id from ECS",
    },
    { id: "Speak", actions: ["sns:Publish"], resources: [topic], why: "send the e-mail; and its own failures" },
    {
      id: "TakeUndelivered",
      actions: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
      resources: [deadLetterQueue],
      why: "Lambda takes what the schedule could not deliver from the queue with this role",
    },
    {
      id: "WriteLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [`${logGroup}:log-stream:*`],
      why: "its own log",
      pattern: "a stream is named after its instance",
    },
  ];
}

/** Lambda takes a role only from its own account, and documents no condition that would say on whose behalf. */
export const watchdogTrust: Trust = { service: "lambda.amazonaws.com" };
