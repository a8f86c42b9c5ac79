/**
 * Publishing to S3 and DynamoDB: ours against the AWS command line, and how much of a server's own limit we reach. Prints a
 * table; with `--keep` the one in bench/README.md is replaced. Usage: node measure.ts DIRECTORY [--keep]; the state
 * in DIRECTORY/home is that of a full run (`bench/run`).
 */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { count, duration } from "../../runner/format/format.ts";
import { plotsTable } from "../../runner/layout.ts";
import type { IndexRow } from "../../runner/records.ts";
import { root } from "../../runner/root.ts";
import { keep } from "../keep.ts";
import { readRows } from "./source.ts";
import { Taken } from "./taken.ts";

const execute = promisify(execFile);
const [directoryName = ".replot-bench", ...options] = process.argv.slice(2);
const directory = resolve(directoryName);
const home = join(directory, "home");
const figures = join(directory, "figures");
const objects = join(directory, "objects");
const plots = 10_000;
const sampled = 100;
/** What S3 takes to answer a PUT, in milliseconds: 30 to 60. */
const latency = 30;
/** The machine's speed changes from minute to minute: limit and client are measured in turns, and the round in the middle counts. */
const rounds = 3;
const region = "us-east-1";
const environment = {
  AWS_ACCESS_KEY_ID: "bench",
  AWS_SECRET_ACCESS_KEY: "bench",
  AWS_REGION: region,
  // the command line knows this one only
  AWS_DEFAULT_REGION: region,
};
const bucket = "plots-bench";
const table = "plots-bench";
const here = import.meta.dirname;

const Alone = z.object({ puts: Taken, rows: Taken });

const rows = await readRows(home, plots);
unpack(rows);

const own = await withSmallServer(0, async (endpoint) => ({
  client: await ours(endpoint, plots, figures),
  thousand: await ours(endpoint, 1000),
  all: await ours(endpoint, 56_358),
}));
const fast = await inTurns(0);
const distant = await inTurns(latency);
const moto = await withServer(
  (port) => ["moto_server", "-H", "127.0.0.1", "-p", port],
  "Running on",
  async (endpoint) => {
    await aws(endpoint, ["s3api", "create-bucket", "--bucket", bucket]);
    await aws(endpoint, [
      ...["dynamodb", "create-table", "--table-name", table, "--billing-mode", "PAY_PER_REQUEST", "--key-schema"],
      ...[`AttributeName=${plotsTable.partition},KeyType=HASH`, `AttributeName=${plotsTable.sort},KeyType=RANGE`],
      "--attribute-definitions",
      ...[plotsTable.partition, plotsTable.sort].map((name) => `AttributeName=${name},AttributeType=S`),
    ]);
    return {
      client: await ours(endpoint, plots, figures),
      limit: await serversLimit(endpoint),
      sync: await syncAndBatches(endpoint),
      oldWay: await fileByFile(endpoint),
    };
  },
);

const per = (seconds: number) => `${(plots / seconds).toFixed(0)} a second`;
const perPlot = ({ cpuSeconds, plots: number }: Taken) => `${((cpuSeconds / number) * 1000).toFixed(2)} ms`;
const share = (client: Taken, limit: number) => `${((client.plots / client.seconds / limit) * 100).toFixed(0)} %`;
const reaches = (client: Taken, limit: number) => `${share(client, limit)} of its limit`;
const alone = ({ client: { puts }, limit }: Turns) => `${per(puts.seconds)}, ${reaches(puts, limit)}`;
const lines: [string, string][] = [
  [
    `replot, ${count(plots)} plots: hash, compress, put, rows; moto`,
    `${duration(moto.client.seconds)} (${per(moto.client.seconds)}), ${reaches(moto.client, moto.limit)}`,
  ],
  [
    "`aws s3 sync` + `aws dynamodb batch-write-item`, the same plots already compressed; moto",
    `${duration(moto.sync)} (${per(moto.sync)})`,
  ],
  [
    `one \`aws s3 cp\` and one \`put-item\` a plot; moto (${sampled} plots, extrapolated)`,
    duration((moto.oldWay / sampled) * plots),
  ],
  ["moto's own limit: PUT by wrk", `${moto.limit.toFixed(0)} a second`],
  [
    `replot, ${count(plots)} plots: hash, compress, put, rows; the small server`,
    `${duration(own.client.seconds)} (${per(own.client.seconds)}), ${reaches(own.client, fast.limit)}`,
  ],
  ["its own limit: PUT by wrk", `${fast.limit.toFixed(0)} a second`],
  ["the client alone: PUT of plots already compressed; the small server", alone(fast)],
  [
    `the limit of the small server where it answers after ${latency} ms, as S3 does`,
    `${distant.limit.toFixed(0)} a second`,
  ],
  ["the client alone, over as many connections; that server", alone(distant)],
  ["the client alone: rows in batches of 25; the small server", per(fast.client.rows.seconds)],
  ["CPU per plot, of it the PUT and the row", [own.client, fast.client.puts, fast.client.rows].map(perPlot).join(", ")],
  [
    "largest memory, 1,000 and 10,000 and 56,358 plots",
    [own.thousand, own.client, own.all].map(({ megabytes }) => `${megabytes.toFixed(0)} MB`).join(", "),
  ],
];
const text = [
  `Measured ${new Date().toISOString().slice(0, 10)} on ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; server and client share them.`,
  "",
  "| what | measured |",
  "| --- | --- |",
  ...lines.map((line) => `| ${line.join(" | ")} |`),
].join("\n");
process.stdout.write(`${text}\n`);
if (options.includes("--keep")) keep("published", text);

/** The figures as R leaves them, and the compressed objects as they are kept, each below its key. */
function unpack(all: readonly IndexRow[]): void {
  for (const { s3_key: key } of all) {
    const object = join(objects, key);
    const figure = join(figures, key);
    if (existsSync(figure)) continue;
    for (const file of [object, figure]) mkdirSync(dirname(file), { recursive: true });
    copyFileSync(join(home, "objects", key), object);
    writeFileSync(figure, gunzipSync(readFileSync(object)));
  }
}

interface Turns {
  /** PUTs a second. */
  readonly limit: number;
  readonly client: z.infer<typeof Alone>;
}

/** A small server's limit and what the client alone reaches, in turns, each with a new server: the round in the middle. */
async function inTurns(milliseconds: number): Promise<Turns> {
  const turns: Turns[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const limit = await withSmallServer(milliseconds, serversLimit);
    const client = await withSmallServer(milliseconds, (endpoint) =>
      ourProgram("put", endpoint, [String(plots)], Alone),
    );
    turns.push({ limit, client });
  }
  const waste = ({ limit, client }: Turns) => limit * client.puts.seconds;
  const middle = turns.toSorted((one, other) => waste(one) - waste(other))[Math.floor(rounds / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}

function ours(endpoint: string, number: number, from?: string): Promise<Taken> {
  return ourProgram("client", endpoint, [String(number), ...(from === undefined ? [] : [from])], Taken);
}

/** @param rest what the program takes after the state */
async function ourProgram<T>(
  name: "client" | "put",
  endpoint: string,
  [number = "", ...rest]: readonly string[],
  answer: z.ZodType<T>,
): Promise<T> {
  const program = ["--max-semi-space-size=8", join(here, `${name}.ts`)];
  const { stdout } = await execute("node", [...program, home, number, bucket, table, ...rest], {
    env: { ...process.env, ...environment, AWS_ENDPOINT_URL: endpoint },
  });
  return answer.parse(JSON.parse(stdout));
}

/** PUTs a second that a plain load generator gets out of a server, with a body of the average size. */
async function serversLimit(endpoint: string): Promise<number> {
  const file = join(directory, "body");
  const body = readFileSync(join(objects, averageObject()));
  writeFileSync(file, body);
  const checksum = createHash("sha256").update(body).digest("base64");
  const load = ["-t1", "-c48", "-d10s", "-s", join(here, "load.lua"), `${endpoint}/${bucket}`, "--", file, checksum];
  const { stdout } = await execute("wrk", load);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

/** @returns the key of the object that is nearest to the average size */
function averageObject(): string {
  const sizes = rows.map(({ s3_key: key }) => ({ key, size: statSync(join(objects, key)).size }));
  const average = sizes.reduce((sum, { size }) => sum + size, 0) / sizes.length;
  const away = ({ size }: { readonly size: number }) => Math.abs(size - average);
  return sizes.reduce((best, one) => (away(one) < away(best) ? one : best)).key;
}

/** @returns seconds */
async function syncAndBatches(endpoint: string): Promise<number> {
  const batches = Array.from({ length: Math.ceil(rows.length / 25) }, (_, n) => rows.slice(n * 25, n * 25 + 25));
  const file = join(directory, "batch.json");
  const began = performance.now();
  await aws(endpoint, [
    "s3",
    "sync",
    objects,
    `s3://${bucket}/synced`,
    "--content-encoding",
    "gzip",
    "--only-show-errors",
  ]);
  for (const batch of batches) {
    writeFileSync(file, JSON.stringify({ [table]: batch.map((row) => ({ PutRequest: { Item: itemOf(row) } })) }));
    await aws(endpoint, ["dynamodb", "batch-write-item", "--request-items", `file://${file}`]);
  }
  return (performance.now() - began) / 1000;
}

/** @returns seconds for the sample */
async function fileByFile(endpoint: string): Promise<number> {
  const file = join(directory, "item.json");
  const began = performance.now();
  for (const row of rows.slice(0, sampled)) {
    await aws(endpoint, [
      "s3",
      "cp",
      join(figures, row.s3_key),
      `s3://${bucket}/old/${row.s3_key}`,
      "--only-show-errors",
    ]);
    writeFileSync(file, JSON.stringify(itemOf(row)));
    await aws(endpoint, ["dynamodb", "put-item", "--table-name", table, "--item", `file://${file}`]);
  }
  return (performance.now() - began) / 1000;
}

function itemOf(row: IndexRow): Record<string, { S: string } | { N: string }> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? { N: String(value) } : { S: value }]),
  );
}

function aws(endpoint: string, args: readonly string[]): Promise<unknown> {
  return execute("aws", ["--endpoint-url", endpoint, ...args], {
    env: { ...process.env, ...environment, AWS_PAGER: "" },
    maxBuffer: 1e8,
  });
}

function withSmallServer<T>(milliseconds: number, work: (endpoint: string) => Promise<T>): Promise<T> {
  const store = join(directory, "server");
  rmSync(store, { recursive: true, force: true });
  return withServer(
    (port) => ["node", join(here, "server.ts"), port, store, String(milliseconds)],
    "ready",
    work,
  ).finally(() => rmSync(store, { recursive: true, force: true }));
}

/** @param command a server's, given its port @param sign what it says once it listens */
async function withServer<T>(
  command: (port: string) => readonly string[],
  sign: string,
  work: (endpoint: string) => Promise<T>,
): Promise<T> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const [program = "", ...args] = command(String(port));
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], cwd: root });
  try {
    await new Promise<void>((ready, failed) => {
      server.on("error", failed);
      server.on("exit", (code) => failed(new Error(`${program} ended with ${code}`)));
      for (const stream of [server.stdout, server.stderr]) {
        stream.on("data", (chunk: Buffer) => chunk.includes(sign) && ready());
      }
    });
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    server.kill();
  }
}
