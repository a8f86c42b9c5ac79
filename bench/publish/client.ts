/**
 * Publishes plots of a local state to S3 and DynamoDB as a run does: hash, compress, upload, then a city's rows. Prints what
 * it took as JSON. Usage: node client.ts HOME PLOTS BUCKET TABLE [FIGURES]; the endpoint is AWS_ENDPOINT_URL.
 */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import pLimit from "p-limit";
import { loadCatalog } from "../../runner/catalog/load.ts";
import { CityCode, ScenarioId } from "../../runner/domain.ts";
import { publishPlot } from "../../runner/publish/plot.ts";
import type { IndexRow } from "../../runner/records.ts";
import { root } from "../../runner/root.ts";
import { openClients } from "../../runner/stores/aws/client.ts";
import { openIndex } from "../../runner/stores/aws/index.ts";
import { openObjects } from "../../runner/stores/aws/objects.ts";
import { readCities } from "./source.ts";
import { startWatch } from "./taken.ts";

const [home = "", plots = "", bucket = "", table = "", figures] = process.argv.slice(2);
const { model } = await loadCatalog(join(root, "catalog/ryan-white.yaml"));

const clients = openClients();
const objects = openObjects(clients, bucket);
const index = openIndex(clients, table);
const atOnce = pLimit(48);
const watch = startWatch();
// as in a run: one city's rows are written while another's plots come
const underway = new Set<Promise<void>>();
for await (const city of readCities(home, Number(plots))) {
  const work = publishCity(city).finally(() => underway.delete(work));
  underway.add(work);
  if (underway.size === availableParallelism()) await Promise.race(underway);
}
await Promise.all(underway);
const taken = watch.read(Number(plots));
clients.close();
process.stdout.write(JSON.stringify(taken));

async function publishCity(rows: readonly IndexRow[]): Promise<void> {
  await index.write(await Promise.all(rows.map((row) => atOnce(() => publish(row)))));
}

async function publish(row: IndexRow): Promise<IndexRow> {
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
