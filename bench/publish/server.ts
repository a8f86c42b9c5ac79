/**
 * A small stand-in for S3 and DynamoDB that is no bottleneck: it takes PUT of objects, compares their SHA-256, and has
 * them on the disk before it answers; and BatchWriteItem, kept in a journal.
 * Usage: node server.ts PORT DIRECTORY [MILLISECONDS]; an object's answer waits so long, as that of S3 does.
 */
import { createHash } from "node:crypto";
import { fdatasync, mkdirSync, open, writev } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { dirname, join, normalize } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";

const [port = "", directory = "", latency = "0"] = process.argv.slice(2);
const opened = promisify(open);
const written = promisify(writev);
const synced = promisify(fdatasync);
const made = new Set<string>();

const Batch = z.object({ RequestItems: z.record(z.string(), z.array(z.unknown())) });
let journal: number | undefined;

createServer(async (request, response) => {
  try {
    if (request.method === "PUT") await putObject(request, response);
    else if (request.method === "HEAD") response.writeHead(404).end();
    else if (String(request.headers["x-amz-target"]).endsWith(".BatchWriteItem")) await batchWrite(request, response);
    else response.writeHead(501).end();
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}).listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));

async function putObject(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash("sha256");
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    hash.update(bytes);
    chunks.push(bytes);
  }
  const sha256 = hash.digest("base64");
  if (request.headers["x-amz-checksum-sha256"] !== sha256) {
    response.writeHead(400).end("<Error><Code>BadDigest</Code></Error>");
    return;
  }
  const path = join(directory, normalize(decodeURIComponent(request.url?.split("?")[0] ?? "/")));
  const parent = dirname(path);
  if (!made.has(parent)) {
    mkdirSync(parent, { recursive: true });
    made.add(parent);
  }
  await Promise.all([store(await opened(path, "w"), chunks), latency === "0" ? undefined : delay(Number(latency))]);
  response.writeHead(200, { "x-amz-checksum-sha256": sha256, etag: '"0"', "content-length": 0 }).end();
}

async function batchWrite(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  Batch.parse(JSON.parse(Buffer.concat(chunks).toString()));
  mkdirSync(directory, { recursive: true });
  journal ??= await opened(join(directory, "journal"), "a");
  await written(journal, chunks);
  await synced(journal);
  response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end('{"UnprocessedItems":{}}');
}

async function store(file: number, chunks: readonly Buffer[]): Promise<void> {
  const { closeSync } = await import("node:fs");
  try {
    if (chunks.length > 0) await written(file, chunks);
    await synced(file);
  } finally {
    closeSync(file);
  }
}
