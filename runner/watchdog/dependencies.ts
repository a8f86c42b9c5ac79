/** Everything the watchdog reads and writes: ledger, lock, summaries in S3, tasks in ECS, logs, notices, topic. */
import { setTimeout as delay } from "node:timers/promises";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, ECSClient, paginateListTasks } from "@aws-sdk/client-ecs";
import type { RunId } from "../domain.ts";
import { runKeys } from "../layout.ts";
import { Summary } from "../report/summary.ts";
import { type ClientOptions, openClients } from "../stores/aws/client.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import { openLedger } from "../stores/aws/ledger.ts";
import { readLock } from "../stores/aws/lock.ts";
import { openTopic, type Topic } from "../stores/aws/notifier.ts";
import { openObjects } from "../stores/aws/objects.ts";
import type { Ledger, LockHolder } from "../stores/ports.ts";
import { parseStoredJson } from "../stores/stored.ts";
import { type Notices, openNotices } from "./notices.ts";
import type { WatchdogSettings } from "./settings.ts";
import { attempts } from "./timing.ts";

/** A task of the family that has not stopped. */
export interface LivingTask {
  readonly arn: string;
  /** When the task started or, before that, was created. ISO 8601. */
  readonly since: string;
}

export interface WatchdogDependencies {
  readonly settings: WatchdogSettings;
  readonly region: string;
  readonly ledger: Pick<Ledger, "runs" | "cities">;
  /** The holder of the lock, if its lease is valid. */
  lock(): Promise<LockHolder | undefined>;
  /** The run's stored summary; undefined if it stored none. */
  summary(run: RunId): Promise<Summary | undefined>;
  /** The URI of an object of the plots bucket, for e-mails. */
  readonly location: (key: string) => string;
  livingTasks(): Promise<LivingTask[]>;
  /** The last lines of a log stream; none if the stream does not exist. */
  lastLines(stream: string, count: number): Promise<string[]>;
  readonly notices: Notices;
  readonly topic: Topic;
  /** Milliseconds since 1970. */
  now(): number;
  pause(milliseconds: number): Promise<unknown>;
}

/** Creates the clients; makes no call. */
export function openWatchdogDependencies(
  settings: WatchdogSettings,
  options: ClientOptions & { readonly now?: () => number } = {},
): WatchdogDependencies {
  const { now = Date.now } = options;
  const clients = openClients({ attempts, ...options });
  const ecs = new ECSClient(clients.settings);
  const logs = new CloudWatchLogsClient(clients.settings);
  const objects = openObjects(clients, settings.plotsBucket);
  const { cluster, taskFamily, logGroup } = settings;

  return {
    settings,
    region: clients.region,
    ledger: openLedger(clients, settings.runsTable),
    lock: () => readLock(clients, settings.runsTable, now()),
    location: objects.location,
    notices: openNotices(clients, settings.runsTable, now),
    topic: openTopic(clients, settings.topicArn),
    now,
    pause: (milliseconds) => delay(milliseconds),

    async summary(run) {
      const key = runKeys.summary(run);
      const found = await objects.get(key);
      return found && parseStoredJson(Summary, Buffer.from(found).toString("utf8"), key);
    },

    async livingTasks() {
      const living: LivingTask[] = [];
      let action = "ecs:ListTasks";
      try {
        for await (const { taskArns = [] } of paginateListTasks({ client: ecs }, { cluster, family: taskFamily })) {
          if (taskArns.length === 0) continue;
          action = "ecs:DescribeTasks";
          const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
          for (const { taskArn, startedAt, createdAt, lastStatus } of tasks) {
            const since = startedAt ?? createdAt;
            if (taskArn === undefined || since === undefined || lastStatus === "STOPPED") continue;
            living.push({ arn: taskArn, since: since.toISOString() });
          }
        }
      } catch (thrown) {
        throw awsFailure({ action, on: `cluster ${cluster}` }, thrown);
      }
      return living;
    },

    async lastLines(stream, count) {
      const command = new GetLogEventsCommand({ logGroupName: logGroup, logStreamName: stream, limit: count });
      const { events = [] } = await logs.send(command).catch((thrown: unknown) => {
        if (thrown instanceof Error && thrown.name === "ResourceNotFoundException") return { events: [] };
        throw awsFailure({ action: "logs:GetLogEvents", on: `log stream ${stream} of ${logGroup}` }, thrown);
      });
      return events.flatMap(({ message }) => (message === undefined ? [] : [message.trimEnd()]));
    },
  };
}
