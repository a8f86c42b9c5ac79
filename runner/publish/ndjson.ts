/** Stores records as gzipped lines of JSON in the object store, as streams, and validates them when reading. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createGzip } from "node:zlib";
import type { z } from "zod";
import { messageOf, UnavailableError } from "../errors.ts";
import type { ObjectStore } from "../stores/ports.ts";

const chunkBytes = 1 << 18;
const newline = 0x0a;

/** Writes records as one object. Keeps only the compressed bytes in memory. */
export async function writeLines<T>(
  objects: ObjectStore,
  key: string,
  records: Iterable<T> | AsyncIterable<T>,
): Promise<void> {
  const compressed: Buffer[] = [];
  await pipeline(
    Readable.from(chunksOf(records)),
    createGzip({ level: constants.Z_BEST_SPEED, chunkSize: chunkBytes }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) compressed.push(chunk);
    },
  );
  await objects.put({
    key,
    body: Buffer.concat(compressed),
    contentType: "application/x-ndjson",
    contentEncoding: "gzip",
  });
}

async function* chunksOf(records: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let chunk = "";
  for await (const record of records) {
    chunk += `${JSON.stringify(record)}\n`;
    if (chunk.length < chunkBytes) continue;
    yield Buffer.from(chunk);
    chunk = "";
  }
  // an empty chunk is skipped by the stream, so an empty list becomes an empty gzip file
  if (chunk !== "") yield Buffer.from(chunk);
}

/**
 * Reads records one by one.
 * @throws {UnavailableError} with key and line, if the object is missing, truncated or invalid
 */
export async function* readLines<T extends z.ZodType>(
  objects: ObjectStore,
  key: string,
  schema: T,
): AsyncGenerator<z.infer<T>> {
  const body = await objects.get(key);
  if (body === undefined) throw new UnavailableError(`there is no ${objects.location(key)}`);
  let number = 0;
  for await (const line of linesOf(body, key)) {
    number += 1;
    yield parseLine(schema, line, `${key}:${number}`);
  }
}

async function* linesOf(body: Uint8Array, key: string): AsyncGenerator<string> {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  gunzip.end(body);
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of gunzip) {
      const bytes = Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
        yield bytes.toString("utf8", start, end);
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
  } catch (thrown) {
    throw new UnavailableError(`${key} is damaged (${messageOf(thrown)})`);
  }
  if (rest.length > 0) throw new UnavailableError(`${key} is damaged (its last line is cut off)`);
}

function parseLine<T extends z.ZodType>(schema: T, line: string, where: string): z.infer<T> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new UnavailableError(`${where}: expected a line of JSON, found ${JSON.stringify(line.slice(0, 60))}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UnavailableError(`${where}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? parsed.error.message}`);
}
