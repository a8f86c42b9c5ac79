/** Values for tests of the plan: inputs, rows, records. */
import { createHash } from "node:crypto";
import type { Catalog } from "../../../runner/catalog/catalog.ts";
import { type CityCode, type PlotId, RunId, Sha256 } from "../../../runner/domain.ts";
import { inputPaths, plotKey } from "../../../runner/layout.ts";
import { CityRecord, type IndexRow } from "../../../runner/records.ts";
import type { CityInputs, InputFile } from "../../../runner/stores/ports.ts";
import { rowOf as sampleRow } from "../../support/plots.ts";

export function sha(text: string): Sha256 {
  return Sha256.parse(createHash("sha256").update(text).digest("hex"));
}

/** A city's files, all there; a text stands for a file's content. */
export function inputsOf(
  catalog: Catalog,
  city: CityCode,
  contents: Readonly<Record<string, string>> = {},
): CityInputs {
  const file = (path: string, content: string): InputFile => ({ path, bytes: 1000, sha256: sha(content) });
  return {
    baseline: file(inputPaths.baseline(catalog.model, city), contents["baseline"] ?? `${city} baseline`),
    scenarios: new Map(
      [...catalog.scenarios.keys()].map((scenario) => [
        scenario,
        file(inputPaths.scenario(catalog.model, city, scenario), contents[scenario] ?? `${city} ${scenario}`),
      ]),
    ),
  };
}

export function rowOf(
  catalog: Catalog,
  plot: PlotId,
  made: { fingerprint: Sha256; image: string; run?: string; bytes?: number },
): IndexRow {
  const sha256 = sha("figure");
  return sampleRow(plot, {
    s3_key: plotKey(catalog.model, plot, sha256),
    file_size: made.bytes ?? 100,
    sha256,
    created_at: "2026-11-08T09:00:00Z",
    run_id: RunId.parse(made.run ?? "2026-11-15T090000Z-all"),
    image: made.image,
    input_fingerprint: made.fingerprint,
  });
}

/** A render of a city as the ledger remembers it. */
export function renderOf(city: CityCode, run: string, plots: number, seconds: number): CityRecord {
  return CityRecord.parse({
    run,
    city,
    state: "published",
    counts: { expected: plots, changed: plots, unchanged: 0, skipped: 0, missing: 0 },
    attempts: [{ number: 1, seconds, end: "exit 0", plots }],
    seconds: seconds + 100,
    why: "never published",
    remarks: [],
  });
}
