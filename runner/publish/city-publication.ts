/**
 * Takes a city's plots as R finishes them: checks each, uploads it, and remembers the row. The rows are written
 * together at the end, so that readers see a city change over at once.
 */
import type { Catalog } from "../catalog/catalog.ts";
import type { Quirk } from "../check/verdict.ts";
import type { RunId } from "../domain.ts";
import { messageOf } from "../errors.ts";
import { plotPath, rowKey, rowKeyOf } from "../layout.ts";
import type { CityPlan } from "../plan/plan.ts";
import type { IndexRow } from "../records.ts";
import type { FinishedPlot } from "../render/pool.ts";
import type { ObjectStore, PlotIndex } from "../stores/ports.ts";
import { cleanLine } from "../text/clean.ts";
import { publishPlot } from "./plot.ts";
import { plotJudge } from "./plot-judge.ts";

export interface CityPublicationOptions {
  readonly objects: ObjectStore;
  readonly index: PlotIndex;
  readonly catalog: Catalog;
  readonly plan: CityPlan;
  /** The rows readers see now, of the scenarios that the plan covers. */
  readonly rows: readonly IndexRow[];
  readonly run: RunId;
  readonly image: string;
  /** Rewrite objects even where the store seems to have them. */
  readonly mend: boolean;
}

export interface CityPublication {
  /**
   * Checks and uploads one plot that R finished. Never throws: what is wrong becomes the plot's reason.
   * @returns whether it is valid and in the store
   */
  take(finished: FinishedPlot): Promise<boolean>;
  /** Writes the rows of all plots taken so far, together. */
  commit(): Promise<void>;
  /** By {@link plotPath}: plots that are valid and in the object store, with whether their bytes are new to readers. */
  readonly published: ReadonlyMap<string, { readonly row: IndexRow; readonly changed: boolean }>;
  /** By {@link plotPath}: plots that came but cannot be published, with the reason. */
  readonly refused: ReadonlyMap<string, string>;
  /** How many plots showed each tolerated habit. */
  readonly quirks: ReadonlyMap<Quirk, number>;
}

export function openCityPublication(options: CityPublicationOptions): CityPublication {
  const { objects, index, catalog, plan, run, image } = options;
  const judge = plotJudge(catalog);
  const present = new Map(options.rows.map((row) => [rowKey(row), row]));
  const published = new Map<string, { row: IndexRow; changed: boolean }>();
  const refused = new Map<string, string>();
  const quirks = new Map<Quirk, number>();

  function refuse(key: string, reason: string): false {
    // it may quote what the figure or its metadata says
    refused.set(key, cleanLine(reason));
    return false;
  }

  async function take(finished: FinishedPlot): Promise<boolean> {
    const { plot } = finished;
    const key = plotPath(plot);
    try {
      const fingerprint = plan.fingerprints.get(plot.scenario);
      if (!fingerprint) throw new Error(`no fingerprint for scenario ${plot.scenario}`);
      const judged = judge(finished);
      if (!judged.valid) return refuse(key, judged.reason);
      const result = await publishPlot(
        objects,
        {
          plot,
          figure: judged.figure,
          html: judged.html,
          present: present.get(rowKeyOf(plot)),
        },
        { run, model: catalog.model, image, fingerprint },
        options.mend,
      );
      published.set(key, result);
      refused.delete(key);
      for (const quirk of judged.quirks) quirks.set(quirk, (quirks.get(quirk) ?? 0) + 1);
      return true;
    } catch (error) {
      return refuse(key, `could not be stored: ${messageOf(error)}`);
    }
  }

  async function commit(): Promise<void> {
    const changed = [...published.values()]
      .map(({ row }) => row)
      .filter((row) => !isSame(row, present.get(rowKey(row))));
    if (changed.length > 0) await index.write(changed);
  }

  return { take, commit, published, refused, quirks };
}

/** A row that says the same is not written again. */
function isSame(row: IndexRow, present: IndexRow | undefined): boolean {
  return (
    present !== undefined &&
    row.sha256 === present.sha256 &&
    row.s3_key === present.s3_key &&
    row.input_fingerprint === present.input_fingerprint &&
    row.image === present.image
  );
}
