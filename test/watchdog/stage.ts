/** What a watchdog works on: a runs table, a bucket and a topic with a reader in moto. */
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { runKeys, runsTable } from "../../runner/layout.ts";
import type { RunRecord } from "../../runner/records.ts";
import type { Summary } from "../../runner/report/summary.ts";
import { environmentOf } from "../../runner/settings/sources.ts";
import { type ClientOptions, openClients } from "../../runner/stores/aws/client.ts";
import { openLedger } from "../../runner/stores/aws/ledger.ts";
import { openLock } from "../../runner/stores/aws/lock.ts";
import type { Ledger, Lock } from "../../runner/stores/ports.ts";
import { openWatchdogDependencies, type WatchdogDependencies } from "../../runner/watchdog/dependencies.ts";
import { readEvent } from "../../runner/watchdog/events.ts";
import { type WatchdogSettings, watchdogSettings } from "../../runner/watchdog/settings.ts";
import { type Action, watch } from "../../runner/watchdog/watch.ts";
import { openInbox } from "../support/inbox.ts";
import { cluster } from "./events.ts";

let made = 0;

export interface Stage {
  readonly settings: WatchdogSettings;
  /** The settings as the function gets them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: Ledger;
  readonly lock: (options?: Parameters<typeof openLock>[2]) => Lock;
  readonly clients: ReturnType<typeof openClients>;
  /** Wakes it with an event. The pauses are short: what is waited for are changes, not time. */
  wake(
    event: unknown,
    changes?: Partial<WatchdogDependencies>,
    options?: ClientOptions & { now?: () => number },
  ): Promise<Action[]>;
  /** Every e-mail so far. */
  received: Awaited<ReturnType<typeof openInbox>>["received"];
  saveSummary(run: RunRecord, changes?: Partial<Summary>): Promise<void>;
}

export async function stage(endpoint: string): Promise<Stage> {
  const name = `replot-watch-${process.pid}-${++made}`;
  const clients = openClients({ endpoint, firstPause: 2 });
  await clients.s3.send(new CreateBucketCommand({ Bucket: name }));
  await clients.dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: runsTable.partition, KeyType: "HASH" },
        { AttributeName: runsTable.sort, KeyType: "RANGE" },
      ],
      AttributeDefinitions: [runsTable.partition, runsTable.sort].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
    }),
  );
  const { topicArn, received } = await openInbox(endpoint, { name });
  const settings: WatchdogSettings = {
    stack: "test",
    plotsBucket: name,
    runsTable: name,
    topicArn,
    cluster,
    taskFamily: "replot-test",
    logGroup: "/replot/test",
    maxRunSeconds: 4 * 3600,
    schedule: "weekly",
    maxDaysWithoutSuccess: 8,
  };
  const environment = environmentOf(watchdogSettings, settings);
  return {
    settings,
    environment,
    clients,
    ledger: openLedger(clients, name),
    lock: (options) => openLock(clients, name, options),
    received,
    wake(event, changes = {}, options = {}) {
      const world = openWatchdogDependencies(settings, { endpoint, firstPause: 2, ...options });
      const pause = () => new Promise((resume) => setTimeout(resume, 20));
      return watch(readEvent(event), { ...world, livingTasks: async () => [], pause, ...changes });
    },
    async saveSummary(run, changes = {}) {
      const summary: Summary = { run, cities: [], names: {}, inputs: [], remarks: [], ...changes };
      const body = JSON.stringify(summary);
      await clients.s3.send(new PutObjectCommand({ Bucket: name, Key: runKeys.summary(run.id), Body: body }));
    },
  };
}
