/**
 * The client alone: puts objects that are compressed already and in memory, as a load generator has its body, then writes
 * their rows. Prints what each took as JSON. Usage: node put.ts HOME PLOTS BUCKET TABLE; the endpoint is AWS_ENDPOINT_URL.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openClients } from "../../runner/stores/aws/client.ts";
import { openIndex } from "../../runner/stores/aws/index.ts";
import { openObjects } from "../../runner/stores/aws/objects.ts";
import { readRows } from "./source.ts";
import { startWatch } from "./taken.ts";

/** Before these Node has not compiled what it runs, which is a few seconds of a full run's CPU. */
const warmingUp = 2000;

const [home = "", plots = "", bucket = "", table = ""] = process.argv.slice(2);
const rows = await readRows(home, Number(plots));
const bodies = new Map<string, Buffer>();
for (const { s3_key: key } of rows) bodies.set(key, await readFile(join(home, "objects", key)));

/** As `publish/plot.ts` has them. */
const asPublished = {
  contentType: "application/json",
  contentEncoding: "gzip",
  cacheControl: "public, max-age=31536000, immutable",
} as const;

const clients = openClients();
const objects = openObjects(clients, bucket);
const index = openIndex(clients, table);
const put = (prefix: string, some: readonly [string, Buffer][]) =>
  Promise.all(some.map(([key, body]) => objects.put({ ...asPublished, key: `${prefix}${key}`, body })));

const all = [...bodies];
await put("warm/", all.slice(0, warmingUp));
await index.write(rows.slice(0, warmingUp));
const putting = startWatch();
await put("", all);
const puts = putting.read(rows.length);
const writing = startWatch();
await index.write(rows);
const written = writing.read(rows.length);
clients.close();
process.stdout.write(JSON.stringify({ puts, rows: written }));
