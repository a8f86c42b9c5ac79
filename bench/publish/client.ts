/**
 * Publishes plots of a local state to S3 and DynamoDB as a run does: hash, compress, upload, then a city's rows. Prints what
 * it took as JSON. Usage: node client.ts HOME PLOTS BUCKET TABLE [FIGURES|ready]; the endpoint is AWS_ENDPOINT_URL.
 * `ready`: only puts the objects, compressed as they are, which shows the client alone.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import pLimit from "p-limit";
import { loadCatalog } from "../../runner/catalog/load.ts";
import { CityCode, ScenarioId } from "../../runner/domain.ts";
import { publishPlot } from "../../runner/publish/plot.ts";
import type { IndexRow } from "../../runner/records.ts";
import { root } from "../../runner/settings.ts";
import { openClients } from "../../runner/stores/aws/client.ts";
import { openIndex } from "../../runner/stores/aws/index.ts";
import { openObjects } from "../../runner/stores/aws/objects.ts";
import { readRows } from "./source.ts";

const [home = "", plots = "", bucket = "", table = "", figures] = process.argv.slice(2);
const { model } = await loadCatalog(join(root, "catalog/ryan-white.yaml"));
const rows = await readRows(home, Number(plots));

const clients = openClients();
const objects = openObjects(clients, bucket);
const index = openIndex(clients, table);
const atOnce = pLimit(48);
const began = performance.now();
const before = process.cpuUsage();
const cities = [...Map.groupBy(rows, ({ city_scenario }) => city_scenario.split("#")[0])];
for (const [, ofCity] of cities) {
  const published = await Promise.all(ofCity.map((row) => atOnce(() => publish(row))));
  await index.write(published);
}
const { user, system } = process.cpuUsage(before);
clients.close();
process.stdout.write(
  JSON.stringify({
    plots: rows.length,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
    megabytes: process.resourceUsage().maxRSS / 1000,
  }),
);

async function publish(row: IndexRow): Promise<IndexRow> {
  if (figures === "ready") {
    const body = await readFile(join(home, "objects", row.s3_key));
    await objects.put({ key: row.s3_key, body, contentType: "application/json", contentEncoding: "gzip" });
    return row;
  }
  const figure =
    figures === undefined
      ? gunzipSync(await readFile(join(home, "objects", row.s3_key)))
      : await readFile(join(figures, row.s3_key));
  const [city = "", scenario = ""] = row.city_scenario.split("#");
  const { outcome, statistic_type: statistic, facet_choice: facet } = row;
  const plot = { city: CityCode.parse(city), scenario: ScenarioId.parse(scenario), outcome, statistic, facet };
  const provenance = { run: row.run_id, model, image: row.image, fingerprint: row.input_fingerprint };
  const checked = { plot, figure, html: undefined, present: undefined };
  return (await publishPlot(objects, checked, provenance, false)).row;
}
