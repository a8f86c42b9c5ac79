/** Events as AWS sends them. */

import { taskOverrides } from "../../runner/deployment/task-containers.ts";
import { settingsTable } from "../../runner/settings/table.ts";
import { account } from "../support/declared/place.ts";

export const cluster = `arn:aws:ecs:us-east-1:${account}:cluster/replot-test`;

export const taskArn = (id: string): string => `arn:aws:ecs:us-east-1:${account}:task/replot-test/${id}`;

interface StoppedContainer {
  readonly name: string;
  readonly exitCode?: number;
  readonly reason?: string;
}

export interface Stopped {
  readonly task?: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly startedAt?: string | undefined;
  readonly stoppedAt?: string;
  readonly containers?: readonly StoppedContainer[];
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
}

/** A container as the event has it, with what this program has no use for. */
const containerOf = (task: string, { name, exitCode, reason }: StoppedContainer) => ({
  containerArn: `arn:aws:ecs:us-east-1:${account}:container/replot-test/${name}`,
  ...(exitCode === undefined ? {} : { exitCode }),
  ...(reason === undefined ? {} : { reason }),
  lastStatus: "STOPPED",
  name,
  image: `${account}.dkr.ecr.us-east-1.amazonaws.com/replot/${name}@sha256:00`,
  taskArn: task,
  networkInterfaces: [],
  cpu: "0",
});

/** The runner's exit code, and R's as it is when the runner has ended. */
export const exits = (runner: number, r = 143): StoppedContainer[] => [
  { name: "runner", exitCode: runner },
  { name: "r", exitCode: r },
];

export function stopped(changes: Stopped = {}): unknown {
  const {
    task = taskArn("0123456789abcdef"),
    stopCode = "EssentialContainerExited",
    stoppedReason = "Essential container in task exited",
    stoppedAt = "2026-11-22T09:41:00.000Z",
    containers = exits(1),
    command = ["regenerate", "full"],
    environment = [],
  } = changes;
  const startedAt = "startedAt" in changes ? changes.startedAt : "2026-11-22T09:00:30.000Z";
  return {
    version: "0",
    id: "105f6bf0-4a69-4d0e-b8d4-d9e24d2f0a3c",
    "detail-type": "ECS Task State Change",
    source: "aws.ecs",
    account,
    time: stoppedAt,
    region: "us-east-1",
    resources: [task],
    detail: {
      attachments: [],
      availabilityZone: "us-east-1a",
      capacityProviderName: "FARGATE",
      clusterArn: cluster,
      connectivity: "CONNECTED",
      containers: containers.map((container) => containerOf(task, container)),
      cpu: "2048",
      createdAt: "2026-11-22T09:00:00.000Z",
      desiredStatus: "STOPPED",
      group: "family:replot-test",
      lastStatus: "STOPPED",
      launchType: "FARGATE",
      memory: "8192",
      overrides: { containerOverrides: [{ name: "runner", command, environment }, { name: "r" }] },
      platformVersion: "1.4.0",
      ...(startedAt === undefined ? {} : { startedAt }),
      startedBy: "chronos-schedule/weekly",
      stopCode,
      stoppedAt,
      stoppedReason,
      taskArn: task,
      taskDefinitionArn: `arn:aws:ecs:us-east-1:${account}:task-definition/replot-test:7`,
      version: 6,
    },
  };
}

export const dailyClock: unknown = {
  version: "0",
  id: "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
  "detail-type": "Scheduled Event",
  source: "aws.events",
  account,
  time: "2026-11-22T12:00:00Z",
  region: "us-east-1",
  resources: [`arn:aws:events:us-east-1:${account}:rule/replot-test-daily`],
  detail: {},
};

/** A delivery that EventBridge Scheduler gave up, as the queue's event source hands it on. */
export function deadLetter(
  attributes: Readonly<Record<string, string>>,
  messageId = "m-1",
  due = "2026-11-22T09:00:00Z",
): unknown {
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [
      name,
      { stringValue, stringListValues: [], binaryListValues: [], dataType: "String" },
    ]),
  );
  return {
    Records: [
      {
        messageId,
        receiptHandle: "AQEB",
        body: JSON.stringify(taskOverrides(["regenerate", "full"], { [settingsTable.scheduledTime.variable]: due })),
        attributes: { ApproximateReceiveCount: "1", SentTimestamp: "1545082649183" },
        messageAttributes,
        md5OfBody: "098f6bcd4621d373cade4e832627b4f6",
        eventSource: "aws:sqs",
        eventSourceARN: `arn:aws:sqs:us-east-1:${account}:replot-test-dead-letters`,
        awsRegion: "us-east-1",
      },
    ],
  };
}
