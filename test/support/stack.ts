/** The stores of a stack in a stand-in for AWS (moto), and what they hold. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { loadCatalog } from "../../runner/catalog/load.ts";
import { plotsTable, runsTable } from "../../runner/layout.ts";
import type { Cloud } from "../../runner/settings.ts";
import { type Clients, openClients } from "../../runner/stores/aws/client.ts";
import { openAwsStores } from "../../runner/stores/aws/open.ts";
import { testCredentials } from "./credentials.ts";
import { openInbox } from "./inbox.ts";
import { readState, type State } from "./state.ts";

/** A stack's stores in the stand-in, with a queue that gets what subscribers of the topic would get. */
export interface TestStack {
  readonly cloud: Cloud;
  /** Uploads a data directory: `simulations/…` becomes the objects' keys. */
  upload(dataDirectory: string): Promise<void>;
  /** E-mails sent since the last look. */
  emails(): Promise<{ readonly subject: string; readonly body: string }[]>;
}

let made = 0;

/** @param endpoint of a server that stands in for AWS */
export async function makeStack(endpoint: string): Promise<TestStack> {
  const name = `stack-${process.pid}-${++made}`;
  const settings = { endpoint, region: testCredentials.AWS_REGION };
  const clients = openClients(settings);
  const sns = new SNSClient(settings);
  for (const kind of ["data", "plots"]) await clients.s3.send(new CreateBucketCommand({ Bucket: `${name}-${kind}` }));
  await createTable(clients, `${name}-plots`, plotsTable);
  await createTable(clients, `${name}-runs`, runsTable);
  const { TopicArn: topicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name }));
  return openStack(endpoint, {
    stack: name,
    dataBucket: `${name}-data`,
    plotsBucket: `${name}-plots`,
    plotsTable: `${name}-plots`,
    runsTable: `${name}-runs`,
    topicArn,
  });
}

/** An empty table with the keys that a layout names. */
export async function createTable(
  { dynamodb }: Pick<Clients, "dynamodb">,
  name: string,
  { partition, sort }: { readonly partition: string; readonly sort: string },
): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: partition, KeyType: "HASH" },
        { AttributeName: sort, KeyType: "RANGE" },
      ],
      AttributeDefinitions: [partition, sort].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    }),
  );
}

/** A stack whose stores are there. From now on e-mails are kept. */
export async function openStack(endpoint: string, cloud: Cloud): Promise<TestStack> {
  const { s3 } = openClients({ endpoint, region: testCredentials.AWS_REGION });
  const { received } = await openInbox(endpoint, { name: cloud.stack, topicArn: cloud.topicArn });
  let looked = 0;
  return {
    cloud,
    async upload(dataDirectory) {
      for (const entry of await readdir(join(dataDirectory, "simulations"), { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const Key = relative(dataDirectory, path);
        await s3.send(new PutObjectCommand({ Bucket: cloud.dataBucket, Key, Body: await readFile(path) }));
      }
    },
    async emails() {
      const all = await received();
      const fresh = all.slice(looked);
      looked = all.length;
      return fresh;
    },
  };
}

/** What the buckets and tables hold, read after the fact, as {@link State} of an installation. */
export async function stackState({ cloud }: TestStack, endpoint: string, catalog: string): Promise<State> {
  const { model } = await loadCatalog(catalog);
  const region = testCredentials.AWS_REGION;
  return readState(await openAwsStores({ cloud, region, dataDirectory: "/nowhere", model, clients: { endpoint } }));
}
