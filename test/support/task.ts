/**
 * A task of a stack without AWS: its two containers as processes, started with the entry points and the environment
 * that the deployed ones get, over the services of a stand-in (moto), beside a metadata endpoint.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { loadCatalog } from "../../runner/catalog/load.ts";
import { plotsTable, runsTable } from "../../runner/layout.ts";
import type { IndexRow } from "../../runner/records.ts";
import { type Cloud, cloudEnvironment, taskVariables } from "../../runner/settings.ts";
import { openClients } from "../../runner/stores/aws/client.ts";
import { openAwsStores } from "../../runner/stores/aws/open.ts";
import { rEntryPoint, runnerEntryPoint } from "../../runner/task.ts";
import { openInbox } from "./inbox.ts";
import { type Result, type Running, root, type State, until } from "./installation.ts";

/** What the SDKs of processes under test sign calls with. */
export const testCredentials = {
  AWS_ACCESS_KEY_ID: "testing",
  AWS_SECRET_ACCESS_KEY: "testing",
  AWS_REGION: "us-east-1",
} as const;

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
  for (const [kind, { partition, sort }] of [["plots", plotsTable] as const, ["runs", runsTable] as const]) {
    await clients.dynamodb.send(
      new CreateTableCommand({
        TableName: `${name}-${kind}`,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [
          { AttributeName: partition, KeyType: "HASH" },
          { AttributeName: sort, KeyType: "RANGE" },
        ],
        AttributeDefinitions: [partition, sort].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      }),
    );
  }
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
  const stores = await openAwsStores({ cloud, region, dataDirectory: "/nowhere", model, clients: { endpoint } });
  try {
    const runs = await stores.ledger.runs(100);
    const [latest] = runs;
    const rows: IndexRow[] = [];
    for await (const row of stores.index.all()) rows.push(row);
    return { runs, cities: latest === undefined ? [] : await stores.ledger.cities(latest.id), rows };
  } finally {
    await stores.close();
  }
}

export interface TaskOptions {
  readonly stack: TestStack;
  /** Of the services: moto's, or that of a proxy before it. */
  readonly endpoint: string;
  readonly catalog: string;
  /** Words after `replot`. */
  readonly command: readonly string[];
  /** For the runner's container, in place of or beside what it gets anyway. */
  readonly environment?: NodeJS.ProcessEnv;
  /** For R's container; how R is called is the runner's affair. */
  readonly rEnvironment?: NodeJS.ProcessEnv;
  readonly longestLifeSeconds?: number;
  /** What the metadata endpoint answers. Default: an answer as Fargate gives it, with an ARN of the task's own. */
  readonly metadata?: unknown;
  /** Puts into the work directory what an earlier run left there, before anything starts. */
  readonly leftovers?: (work: string) => Promise<void>;
  /** Start R's container by oneself, later or never. Default false. */
  readonly withoutR?: boolean;
}

export interface TestTask extends Running {
  readonly arn: string;
  /** The work directory, the volume that both share; and the runner's data directory. */
  readonly work: string;
  readonly data: string;
  /** Starts R's container: another one, where there is one. */
  startR(): ChildProcess;
  /** Ends R's container at once, with everything in it. */
  killR(): Promise<void>;
  /** As the service stops a task: TERM to R's container and, once that has ended, to the runner's. */
  stop(): Promise<void>;
  /** Ends what is left and removes the volumes. */
  remove(): Promise<void>;
}

/** Starts a task's two containers as processes. R's ends with the task, as an inessential container does. */
export async function startTask(options: TaskOptions): Promise<TestTask> {
  const directory = await mkdtemp(join(tmpdir(), "replot-task-"));
  const volumes = { work: join(directory, "work"), data: join(directory, "data") };
  for (const volume of [volumes.work, join(volumes.data, "simulations"), join(directory, "bin")]) {
    await mkdir(volume, { recursive: true });
    await chmod(volume, 0o777);
  }
  const work = join(volumes.work, "run");
  await writeFile(
    join(directory, "bin", "replot"),
    `#!/bin/sh\nexec '${process.execPath}' '${join(root, "runner/main.ts")}' "$@"\n`,
    { mode: 0o755 },
  );
  const arn = `arn:aws:ecs:us-east-1:123456789012:task/${options.stack.cloud.stack}/${process.pid}${++made}`;
  const endpoint = await serveTask({ "/v4/container/task": options.metadata ?? fargateMetadata(arn) });
  const life = options.longestLifeSeconds ?? 3600;

  const inTask = { ECS_CONTAINER_METADATA_URI_V4: `${endpoint.url}/v4/container`, ...testCredentials };
  const path = process.env["PATH"] ?? "";
  const runnerEnvironment: NodeJS.ProcessEnv = {
    PATH: `${join(directory, "bin")}:${path}`,
    TMPDIR: volumes.work,
    AWS_ENDPOINT_URL: options.endpoint,
    ...cloudEnvironment(options.stack.cloud),
    [taskVariables.work]: work,
    [taskVariables.catalog]: options.catalog,
    [taskVariables.data]: volumes.data,
    [taskVariables.workers]: "2",
    [taskVariables.rImage]: `registry.example/r@sha256:${"a1".repeat(32)}`,
    [taskVariables.rDirectory]: volumes.data,
    [taskVariables.longestLifeSeconds]: String(life),
    ...inTask,
    ...options.environment,
  };
  const rVariables: NodeJS.ProcessEnv = {
    PATH: path,
    R_LIBS: process.env["R_LIBS"],
    ...inTask,
    ...options.rEnvironment,
  };

  let r: ChildProcess | undefined;
  const startR = (): ChildProcess => {
    const [shell = "", ...args] = rEntryPoint(work);
    // a group of its own: what a container has in it dies together
    r = spawn(shell, args, { cwd: volumes.data, env: rVariables, detached: true, stdio: "ignore" });
    return r;
  };
  const killR = async (): Promise<void> => {
    const container = r;
    r = undefined;
    if (container?.pid === undefined) return;
    await killTree(container.pid);
  };
  await options.leftovers?.(work);
  if (options.withoutR !== true) startR();

  const [timeout = "", ...rest] = runnerEntryPoint(life);
  const runner = spawn(timeout, [...rest, ...options.command], {
    cwd: directory,
    env: runnerEnvironment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  runner.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  runner.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = new Promise<Result>((settle, fail) => {
    runner.on("error", fail);
    runner.on("close", (code, signal) => settle({ code, signal, ...output }));
  }).then(async (result) => {
    await killR();
    return result;
  });

  return {
    arn,
    work,
    data: volumes.data,
    process: runner,
    said: () => output.stderr,
    ended,
    startR,
    killR,
    async stop() {
      const container = r;
      if (container !== undefined && container.exitCode === null) {
        container.kill("SIGTERM");
        await until("R's container to end", () => container.exitCode !== null || container.signalCode !== null);
      }
      runner.kill("SIGTERM");
    },
    async remove() {
      runner.kill("SIGKILL");
      await killR();
      endpoint.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** An answer of the metadata endpoint in the form of Fargate's: 2 cores, 8 GiB, 30 GiB of storage. */
export function fargateMetadata(arn: string, pullStarted: Date = new Date(Date.now() - 60_000)) {
  return {
    Cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/replot",
    TaskARN: arn,
    Family: "replot",
    Revision: "3",
    DesiredStatus: "RUNNING",
    KnownStatus: "RUNNING",
    Limits: { CPU: 2, Memory: 8192 },
    PullStartedAt: pullStarted.toISOString(),
    PullStoppedAt: new Date(pullStarted.getTime() + 20_000).toISOString(),
    AvailabilityZone: "us-east-1a",
    LaunchType: "FARGATE",
    Containers: [],
    ClockDrift: {
      ClockErrorBound: 0.4,
      ReferenceTimestamp: "2026-11-22T09:00:00Z",
      ClockSynchronizationStatus: "SYNCHRONIZED",
    },
    EphemeralStorageMetrics: { Utilized: 261, Reserved: 30_720 },
  };
}

/** The endpoints that a task's containers reach. @param answers by their paths */
export async function serveTask(
  answers: Readonly<Record<string, unknown>>,
): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    if (answer === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the metadata endpoint has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Everything that descends from a process, whatever groups it made: what the end of a container ends. */
async function killTree(pid: number): Promise<void> {
  const children = new Map<number, number[]>();
  for (const name of await readdir("/proc")) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, "utf8").catch(() => "") : "";
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? Number.NaN);
    if (stat !== "") children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = (top: number): number[] => [top, ...(children.get(top) ?? []).flatMap(all)];
  for (const member of all(pid)) {
    try {
      process.kill(member, "SIGKILL");
    } catch {
      // it has ended since
    }
  }
}
