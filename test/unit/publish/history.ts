/** Runs as the pipeline leaves them behind: objects, rows, manifest, snapshot, ledger; without any R. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type PlotId, type RunId, Sha256 } from "../../../runner/domain.ts";
import { plotKey } from "../../../runner/layout.ts";
import { stateChanges, unfinishedAfter, unfinishedCities } from "../../../runner/publish/index-state.ts";
import { writeIndexSnapshot, writeManifest } from "../../../runner/publish/manifest.ts";
import type { IndexRow, ManifestLine, PlotCounts } from "../../../runner/records.ts";
import { stateOf } from "../../../runner/report/summary.ts";
import { nextSequence } from "../../../runner/run-order.ts";
import type { Stores } from "../../../runner/stores/ports.ts";
import { cityRecord, indexRow, json, model, runRecord } from "../../support/samples.ts";

export interface Drawn {
  readonly plot: PlotId;
  /** The figure; undefined where it is missing this time and the earlier one stays. */
  readonly content: string | undefined;
  readonly html?: boolean;
}

export interface RunEnd {
  /** What the run was killed before. */
  readonly killed?: "before rows" | "before manifest" | "before snapshot";
  /** A record as versions up to 0.1.0 wrote it: without sequence and state. */
  readonly old?: boolean;
  /** What the clock said when the run began (ISO 8601). Default: the time in its id. */
  readonly started?: string;
}

export const contentSha = (content: string): Sha256 => Sha256.parse(createHash("sha256").update(content).digest("hex"));

export const keyOf = (plot: PlotId, content: string): string => plotKey(model, plot, contentSha(content));

/** Publishes a run of these plots; it is incomplete where some are missing. */
export async function publishRun(
  stores: Stores,
  run: RunId,
  drawn: readonly Drawn[],
  { killed, old = false, started }: RunEnd = {},
): Promise<void> {
  const ledgerRuns = await stores.ledger.runs();
  const before = stateChanges(ledgerRuns);
  const record = runRecord(run, {
    state: "running",
    ...(old ? {} : { sequence: nextSequence(ledgerRuns) }),
    ...(started === undefined ? {} : { started }),
  });
  await stores.ledger.begin(record);
  const rows: IndexRow[] = [];
  const lines: ManifestLine[] = [];
  const counts: PlotCounts = { expected: 0, changed: 0, unchanged: 0, skipped: 0, missing: 0 };
  for (const { plot, content, html } of drawn) {
    const before = (await stores.index.rows(plot.city, plot.scenario)).find(
      ({ statistic_type, outcome, facet_choice }) =>
        statistic_type === plot.statistic && outcome === plot.outcome && facet_choice === plot.facet,
    );
    const row = content === undefined ? before : await publish(stores, run, plot, content, html === true);
    const status = content === undefined ? "missing" : row?.sha256 === before?.sha256 ? "unchanged" : "changed";
    counts[status] += 1;
    counts.expected += 1;
    if (content !== undefined && row !== undefined) rows.push(row);
    lines.push({
      ...plot,
      status,
      ...(row === undefined ? {} : { key: row.s3_key, sha256: row.sha256, bytes: row.file_size }),
    });
  }
  if (killed === "before rows") return;
  await stores.index.write(rows);
  if (killed === "before manifest") return;
  await writeManifest(stores.objects, run, lines);
  if (killed === "before snapshot") return;
  const snapshot = await writeIndexSnapshot(stores.objects, run, stores.index);
  const cities = [...Map.groupBy(drawn, ({ plot }) => plot.city)].map(([city, plots]) => {
    const complete = plots.every(({ content }) => content !== undefined);
    return cityRecord(run, city, { state: complete ? "published" : "failed" });
  });
  for (const city of cities) await stores.ledger.saveCity(city);
  const unfinished = unfinishedAfter(await unfinishedCities(stores.ledger, before), cities);
  const state = stateOf(cities);
  await stores.ledger.saveRun({ ...record, state, counts, ...(old ? {} : { index: { ...snapshot, unfinished } }) });
}

async function publish(
  { objects }: Stores,
  run: RunId,
  plot: PlotId,
  content: string,
  html: boolean,
): Promise<IndexRow> {
  const sha256 = contentSha(content);
  const key = plotKey(model, plot, sha256);
  await objects.put({ key, body: gzipSync(content), contentType: json, contentEncoding: "gzip" });
  if (html) {
    const page = plotKey(model, plot, sha256, "html");
    await objects.put({ key: page, body: Buffer.from(`<p>${content}`), contentType: "text/html" });
  }
  return indexRow(plot, sha256, { run_id: run, file_size: Buffer.byteLength(content) });
}
