/** Publishes one checked figure as an immutable object, and makes the row that refers to it. */
import { hash } from "node:crypto";
import { constants, gzipSync } from "node:zlib";
import { type ModelId, type PlotId, type RunId, Sha256 } from "../domain.ts";
import { partitionKey, plotKey, sortKey } from "../layout.ts";
import type { IndexRow } from "../records.ts";
import type { ObjectStore } from "../stores/ports.ts";

/** Bytes; most compressed figures fit into one chunk of this size. */
const chunkSize = 64 * 1024;

/** The origin of a plot, which its row records. */
export interface Provenance {
  readonly run: RunId;
  readonly model: ModelId;
  readonly image: string;
  readonly fingerprint: Sha256;
}

export interface CheckedPlot {
  readonly plot: PlotId;
  /** The figure's uncompressed bytes. */
  readonly figure: Buffer;
  /** The HTML page beside it, if requested. */
  readonly html: Buffer | undefined;
  /** The row that readers see now. */
  readonly present: IndexRow | undefined;
}

/**
 * Uploads the figure if the store does not have it.
 * @param mend whether to upload the object even if it exists, to replace damaged ones
 * @returns the row to write, and whether its figure differs from the present one
 */
export async function publishPlot(
  objects: ObjectStore,
  { plot, figure, html, present }: CheckedPlot,
  provenance: Provenance,
  mend: boolean,
): Promise<{ readonly row: IndexRow; readonly changed: boolean }> {
  const sha256 = Sha256.parse(hash("sha256", figure));
  const key = plotKey(provenance.model, plot, sha256);
  const same = present?.sha256 === sha256 && present.s3_key === key;
  const metadata = { city: plot.city, scenario: plot.scenario, "run-id": provenance.run, sha256 };
  if (mend || !same || !(await objects.has(key))) {
    await objects.put({
      key,
      body: compressed(figure),
      contentType: "application/json",
      contentEncoding: "gzip",
      cacheControl: "public, max-age=31536000, immutable",
      metadata,
    });
  }
  if (html) {
    await objects.put({
      // not compressed, so that a browser can open it from the local directory
      key: plotKey(provenance.model, plot, sha256, "html"),
      body: html,
      contentType: "text/html; charset=utf-8",
      metadata,
    });
  }
  const row: IndexRow = {
    city_scenario: partitionKey(plot.city, plot.scenario),
    outcome_stat_facet: sortKey(plot),
    outcome: plot.outcome,
    statistic_type: plot.statistic,
    facet_choice: plot.facet,
    s3_key: key,
    file_size: figure.length,
    sha256,
    created_at: same ? present.created_at : new Date().toISOString(),
    run_id: provenance.run,
    image: provenance.image,
    input_fingerprint: provenance.fingerprint,
  };
  return { row, changed: !same };
}

/** Level 1: higher levels cost twice the time for four per cent. */
function compressed(bytes: Buffer): Buffer {
  return gzipSync(bytes, { level: constants.Z_BEST_SPEED, chunkSize });
}
