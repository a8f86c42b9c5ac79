/** What a stack says of itself: `runner/deployment/deployment.ts` has the fields, and the commands read them with `--stack NAME`. */
import * as pulumi from "@pulumi/pulumi";
import { Deployment } from "../runner/deployment/deployment.ts";
import { taskOverrides } from "../runner/deployment/task-containers.ts";
import { shellLine } from "../runner/format/shell.ts";
import { version } from "../runner/version.ts";
import type { Images } from "./images.ts";
import type { Network } from "./network.ts";
import type { Notifications } from "./notifications.ts";
import type { Schedule } from "./schedule.ts";
import type { Stack } from "./stack.ts";
import type { Storage } from "./storage.ts";
import { maxRunSeconds, type Task } from "./task.ts";
import type { Watchdog } from "./watchdog.ts";

export interface Parts {
  readonly storage: Storage;
  readonly images: Images;
  readonly network: Network;
  readonly notifications: Notifications;
  readonly task: Task;
  readonly schedule: Schedule | undefined;
  readonly watchdog: Watchdog;
}

/** One output for each field of {@link Deployment}, and no others. */
export function stackOutputs(stack: Stack, parts: Parts): Record<string, pulumi.Output<unknown>> {
  const { config, names, place } = stack;
  const { storage, images, network, notifications, task, schedule, watchdog } = parts;
  const deployment = pulumi
    .output({
      dataBucket: storage.dataBucket.bucket,
      plotsBucket: storage.plotsBucket.bucket,
      plotsTable: storage.plotsTable.name,
      runsTable: storage.runsTable.name,
      topicArn: notifications.topic.arn,
      cluster: task.cluster.arn,
      taskDefinition: task.definition.arn,
      subnets: network.subnets,
      securityGroup: network.securityGroup.id,
      runnerImage: images.runner,
      rImage: images.r,
      watchdogFunction: watchdog.function.name,
      deadLetterQueue: notifications.deadLetterQueue.url,
    })
    .apply(({ securityGroup, ...known }): Omit<Deployment, "schedule"> => {
      const start: Start = {
        region: place.region,
        cluster: known.cluster,
        taskDefinition: known.taskDefinition,
        subnets: [...known.subnets],
        securityGroups: [securityGroup],
        assignPublicIp: config.assignPublicIp,
        capacity: config.capacity,
      };
      return {
        ...known,
        ...start,
        stack: stack.name,
        version,
        account: place.account,
        taskFamily: names.taskFamily,
        taskCpu: config.cpu,
        taskMemory: config.memory,
        ephemeralStorage: config.ephemeralStorage,
        maxRunSeconds: maxRunSeconds(config),
        logGroup: names.logGroup,
        emails: config.emails,
        manualRun: manualRun(start, config.preset),
        links: links(stack, known, schedule !== undefined),
      };
    });
  const scheduled = schedule === undefined ? {} : { schedule: schedule.path };
  const fields = Deployment.omit({ schedule: true }).keyof().options;
  return { ...Object.fromEntries(fields.map((field) => [field, deployment[field]])), ...scheduled };
}

type Start = Pick<
  Deployment,
  "region" | "cluster" | "taskDefinition" | "subnets" | "securityGroups" | "assignPublicIp" | "capacity"
>;

/** The command that starts a run with nothing but the AWS command line. */
export function manualRun(start: Start, preset: string): string {
  const network = {
    awsvpcConfiguration: {
      subnets: start.subnets,
      securityGroups: start.securityGroups,
      assignPublicIp: start.assignPublicIp ? "ENABLED" : "DISABLED",
    },
  };
  return shellLine([
    ...["aws", "ecs", "run-task", "--region", start.region],
    ...["--cluster", start.cluster, "--task-definition", start.taskDefinition],
    ...["--capacity-provider-strategy", `capacityProvider=${start.capacity},weight=1`],
    ...["--network-configuration", JSON.stringify(network)],
    ...["--propagate-tags", "TASK_DEFINITION"],
    ...["--overrides", JSON.stringify(taskOverrides(["regenerate", preset]))],
  ]);
}

type Linked = Pick<Deployment, "dataBucket" | "plotsBucket" | "plotsTable" | "runsTable" | "watchdogFunction">;

function links({ names, place }: Stack, known: Linked, scheduled: boolean): Record<string, string> {
  const { region } = place;
  const console = `https://${region}.console.aws.amazon.com`;
  // the console's own way to write a `/` in a fragment
  const log = (group: string) =>
    `${console}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group.replaceAll("/", "$252F")}`;
  const table = (name: string) => `${console}/dynamodbv2/home?region=${region}#table?name=${name}`;
  const schedulePath = `${names.scheduleGroup}/${names.schedule}`;
  const bucket = (name: string) => `${console}/s3/buckets/${name}?region=${region}`;
  return {
    dashboard: `${console}/cloudwatch/home?region=${region}#dashboards/dashboard/${names.dashboard}`,
    tasks: `${console}/ecs/v2/clusters/${names.cluster}/tasks?region=${region}`,
    logs: log(names.logGroup),
    plots: bucket(known.plotsBucket),
    data: bucket(known.dataBucket),
    index: table(known.plotsTable),
    ledger: table(known.runsTable),
    ...(scheduled ? { schedule: `${console}/scheduler/home?region=${region}#schedules/${schedulePath}` } : {}),
    watchdog: `${console}/lambda/home?region=${region}#/functions/${known.watchdogFunction}`,
    "watchdog's log": log(names.watchdogLogGroup),
  };
}
