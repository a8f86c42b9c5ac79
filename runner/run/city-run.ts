/** One city of a run: its inputs, its rendering, its rows, its record. Only this file knows how far a city is. */

import type { RunId } from "../domain.ts";
import { messageOf } from "../errors.ts";
import { plural } from "../format/format.ts";
import type { KeptLease } from "../lock/lease.ts";
import { presentRows } from "../plan/cities.ts";
import { jobFile } from "../plan/job.ts";
import type { CityPlan } from "../plan/plan.ts";
import { withAssets } from "../publish/assets.ts";
import { type CityPublication, openCityPublication } from "../publish/city-publication.ts";
import { addPages } from "../publish/pages.ts";
import type { CityRecord, IndexRow } from "../records.ts";
import { renderCity } from "../render/city-rendering.ts";
import type { RenderPool } from "../render/pool.ts";
import { keepLog } from "../report/logs.ts";
import type { Observer } from "../report/observer.ts";
import type { Stores } from "../stores/ports.ts";
import { type CityProgressEntry, keepCityProgress } from "./city-progress.ts";
import { type CityOutcome, type CityResult, cityResult, cityUnderWay, notRendered } from "./city-result.ts";
import type { RunOptions } from "./run-options.ts";

/** What the cities of a run have in common. */
export interface RunContext {
  readonly run: RunId;
  readonly options: RunOptions;
  readonly stores: Stores;
  readonly observer: Observer;
  /** The run's lock: checked before rows are written. */
  readonly lease: Pick<KeptLease, "check">;
  /** Aborted: the city is interrupted, and its rows are not written. */
  readonly signal: AbortSignal;
}

/**
 * The stages of a city are called in the order of its methods. A stage that throws ends the city: call {@link fail} with what was
 * thrown, then {@link close} and {@link record} as for any other.
 */
export class CityRun {
  private readonly plan: CityPlan;
  private readonly context: RunContext;
  private readonly rows: readonly IndexRow[];
  private readonly publication: CityPublication;
  private progress: CityProgressEntry | undefined;
  private outcome: CityOutcome = notRendered;

  private constructor(plan: CityPlan, context: RunContext, rows: readonly IndexRow[]) {
    const { run, options, stores } = context;
    this.plan = plan;
    this.context = context;
    this.rows = rows;
    this.publication = openCityPublication({ ...stores, ...options, plan, rows, run, mend: options.request.force });
  }

  /** Reads what readers see of the city, unless the plan has all of it. */
  static async open(plan: CityPlan, context: RunContext): Promise<CityRun> {
    const { stores, options } = context;
    const isCurrent = plan.current.length === plan.expected.length;
    const rows = isCurrent ? [] : await presentRows(stores.index, plan.city, options.selection.scenarios);
    return new CityRun(plan, context, rows);
  }

  /** Records that the city is under way, and brings its inputs to where R reads them. */
  async fetchInputs(): Promise<void> {
    const { run, stores, signal } = this.context;
    this.outcome = { ...notRendered, ...this.publication, interrupted: signal.aborted };
    if (signal.aborted) return;
    const entry = cityUnderWay(run, this.plan, "running");
    this.progress = keepCityProgress(stores.ledger, entry);
    await stores.ledger.saveCity(entry);
    await stores.inputs.fetch(this.plan.city, this.plan.inputs);
  }

  /** Draws the due plots with R; each is checked and uploaded as soon as it is finished. */
  async render(pool: RenderPool): Promise<void> {
    if (this.outcome.interrupted) return;
    const { run, options, stores, observer, signal } = this.context;
    const { catalog, request } = options;
    const { city, due } = this.plan;
    const rendering = await renderCity({
      pool,
      city,
      plots: due,
      jobFor: (plots) => jobFile(catalog, plots),
      attempts: options.attempts,
      cityTimeoutSeconds: options.cityTimeoutSeconds,
      // a program refers to the shared plotly.js in the pages that it writes
      html: request.html === true,
      signal,
      onStart: (attempt, plots) => observer.started(city, plots, attempt),
      onPlot: async (finished) => {
        const isValid = await this.publication.take(finished);
        observer.plot(city, isValid);
        if (isValid) this.progress?.plot();
      },
    });
    this.outcome = { ...this.outcome, ...rendering, ...(await keepLog(stores.objects, run, city, rendering.logFiles)) };
    if (request.html === true) {
      this.outcome = await withAssets(this.outcome, stores.objects, catalog.model, rendering);
    }
  }

  /**
   * Writes the city's rows together, so that readers see it change at once.
   * @throws where an input changed during the rendering, or the run has lost its lock
   */
  async publish(): Promise<void> {
    if (this.outcome.interrupted) return;
    await this.refuseChangedInputs();
    await this.context.lease.check();
    await this.publication.commit();
  }

  /** A stage threw: no row was written, so nothing of the city counts as published. */
  fail(thrown: unknown): void {
    this.outcome = {
      ...this.outcome,
      published: new Map(),
      refused: new Map(),
      reason: { kind: "not-stored", text: messageOf(thrown) },
      interrupted: this.context.signal.aborted,
    };
  }

  /** Releases what the city held. Never throws. */
  async close(): Promise<void> {
    const { stores, observer } = this.context;
    await this.progress?.end();
    await stores.inputs.release(this.plan.city).catch((error: unknown) => observer.note(messageOf(error)));
  }

  /** Makes the pages that were asked for, and returns the city's ledger entry and its lines of the manifest. */
  async record(): Promise<CityResult> {
    const { run, options } = this.context;
    const result = cityResult(run, this.plan, this.rows, this.outcome);
    return options.request.html === false ? result : this.addPages(result);
  }

  private async addPages({ record, lines }: CityResult): Promise<CityResult> {
    const { options, stores, signal } = this.context;
    const kind = options.request.html === "self-contained" ? "self-contained" : "shared";
    const place = { model: options.catalog.model, city: record.city };
    const { plots, first, failures } = await addPages(stores.objects, place, lines, kind, signal);
    const remarks = [...failures].map(([reason, count]) => `${plural(count, "plot")} without a page: ${reason}`);
    const pages: Pick<CityRecord, "pages"> = first === undefined ? {} : { pages: { plots, first } };
    return { lines, record: { ...record, ...pages, remarks: [...record.remarks, ...remarks] } };
  }

  private async refuseChangedInputs(): Promise<void> {
    const { stores, options } = this.context;
    const { city, inputs: before } = this.plan;
    const { scenarios } = options.selection;
    const now = await stores.inputs.describe(city, scenarios);
    const files = [
      [before.baseline, now.baseline] as const,
      ...scenarios.map((id) => [before.scenarios.get(id), now.scenarios.get(id)] as const),
    ];
    const changed = files.find(([then, today]) => then?.sha256 !== today?.sha256);
    if (changed === undefined) return;
    const [then, today] = changed;
    throw new Error(
      `the input ${(then ?? today)?.path} changed while it was being read; run again when it is complete`,
    );
  }
}
