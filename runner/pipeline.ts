/**
 * One run, stage by stage: plan -> fetch inputs -> render -> check -> publish -> report. A city is the unit of
 * isolation: cities flow through the stages independently, and a plot is uploaded while R still draws the next one.
 */
import pLimit from "p-limit";
import type { RunId } from "./domain.ts";
import { messageOf } from "./errors.ts";
import { plural } from "./format/format.ts";
import { planCities, presentRows } from "./plan/cities.ts";
import { jobFile } from "./plan/job.ts";
import type { CityPlan } from "./plan/plan.ts";
import { withAssets } from "./publish/assets.ts";
import { openCityPublication } from "./publish/city-publication.ts";
import { addPages } from "./publish/pages.ts";
import type { IndexRow, RunRecord } from "./records.ts";
import { renderCity } from "./render/city-rendering.ts";
import type { RenderPool } from "./render/pool.ts";
import type { EmailOptions } from "./report/email.ts";
import { keepLog } from "./report/logs.ts";
import type { Observer } from "./report/observer.ts";
import type { Summary } from "./report/summary.ts";
import { type BegunRun, beginRun } from "./run/begin.ts";
import { keepCityProgress } from "./run/city-progress.ts";
import { type CityOutcome, type CityResult, cityResult, cityUnderWay, notRendered } from "./run/city-result.ts";
import { finishRun } from "./run/finish.ts";
import type { RunOptions } from "./run/run-options.ts";
import { ShutdownTimeout, shutdownBudgets, withTimeoutAfterAbort } from "./run/shutdown.ts";
import type { Stores } from "./stores/ports.ts";

export type { RunOptions };

/** Where it is done. */
export interface Dependencies {
  readonly stores: Stores;
  /** Ends and removes what a killed run left where R works; called under the lock. */
  sweep(): Promise<unknown>;
  openPool(run: RunId, onTrouble: (text: string) => void): Promise<RenderPool>;
  readonly observer: Observer;
  /** How e-mails name commands and places. */
  readonly email: EmailOptions;
  /** What the run has cost and how often calls were repeated so far, where that is counted. */
  readonly bill?: () => Pick<RunRecord, "cost" | "capacity" | "repeated">;
}

/**
 * @param stop aborted by a person, the system, or the loss of the lock; its reason says which
 * @throws ReplotError where the run could not begin, or could not report
 */
export async function regenerate(order: RunOptions, world: Dependencies, stop: AbortController): Promise<Summary> {
  const begun = await beginRun(world.stores, order, (lost) => stop.abort(lost));
  const results: CityResult[] = [];
  let plans: readonly CityPlan[] = [];
  let error: unknown;
  let release: () => Promise<void> = begun.lease.release;
  const work = async (): Promise<void> => {
    await world.sweep();
    plans = await planCities({ ...order, force: order.request.force }, world.stores);
    world.observer.planned(begun.record.id, plans);
    for (const plan of plans) await world.stores.ledger.saveCity(cityUnderWay(begun.record.id, plan, "pending"));
    await regenerateCities(plans, results, { order, world, begun, stop });
  };
  try {
    await withTimeoutAfterAbort(stop.signal, shutdownBudgets.cities, "the cities under way", work());
  } catch (thrown) {
    // cities that would not end in time count as not finished; what they still write, they write under the lock
    if (thrown instanceof ShutdownTimeout) release = async () => {};
    else error = thrown;
  }
  try {
    return await finishRun({ order, begun, plans, results: [...results], error, stop: stop.signal, ...world });
  } finally {
    // a lock that isn't released runs out by itself, a minute after the last sign of life
    const releasing = withTimeoutAfterAbort(stop.signal, shutdownBudgets.lock, "releasing the lock", release());
    await releasing.catch((thrown: unknown) => world.observer.note(messageOf(thrown)));
    world.observer.close();
  }
}

interface Run {
  readonly order: RunOptions;
  readonly world: Dependencies;
  readonly begun: BegunRun;
  readonly stop: AbortController;
}

/** @throws what no city alone can answer for, such as a ledger that cannot be written: then the others are stopped */
async function regenerateCities(plans: readonly CityPlan[], results: CityResult[], run: Run): Promise<void> {
  const { order, world, begun, stop } = run;
  const rendersAny = plans.some(({ due }) => due.length > 0);
  const pool = rendersAny ? await world.openPool(begun.record.id, world.observer.note) : undefined;
  if (pool) begun.remarks.push(...pool.remarks);
  // one more than there are workers: its inputs are fetched and its job lies ready while the others render
  const inTurn = pLimit(order.workers + 1);
  try {
    const ends = await Promise.allSettled(
      plans.map(async (plan) => {
        try {
          const renders = pool !== undefined && plan.due.length > 0;
          const drawn = renders
            ? await inTurn(() => regenerateCity(plan, pool, run))
            : cityResult(begun.record.id, plan, await rowsOf(plan, run), notRendered);
          const result = order.request.html === false ? drawn : await inTurn(() => withPages(drawn, run));
          results.push(result);
          await world.stores.ledger.saveCity(result.record);
          world.observer.ended(result.record);
        } catch (thrown) {
          if (!stop.signal.aborted) world.observer.note(`the run stops: ${messageOf(thrown)}`);
          stop.abort(thrown);
          throw thrown;
        }
      }),
    );
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  } finally {
    await pool?.close();
  }
}

async function regenerateCity(plan: CityPlan, pool: RenderPool, run: Run): Promise<CityResult> {
  const rows = await rowsOf(plan, run);
  return cityResult(run.begun.record.id, plan, rows, await renderAndPublish(plan, rows, pool, run));
}

/** Adds pages to a city's current plots, and says in its record how many and where. */
async function withPages(result: CityResult, { order, world, stop }: Run): Promise<CityResult> {
  const { record, lines } = result;
  const kind = order.request.html === "self-contained" ? "self-contained" : "shared";
  const place = { model: order.catalog.model, city: record.city };
  const { plots, first, failures } = await addPages(world.stores.objects, place, lines, kind, stop.signal);
  const remarks = [...failures].map(([reason, count]) => `${plural(count, "plot")} without a page: ${reason}`);
  const pages = first === undefined ? {} : { pages: { plots, first } };
  return { lines, record: { ...record, ...pages, remarks: [...record.remarks, ...remarks] } };
}

/** A city from its inputs to its rows. What goes wrong becomes its outcome; it never stops another city. */
async function renderAndPublish(
  plan: CityPlan,
  rows: readonly IndexRow[],
  pool: RenderPool,
  { order, world, begun, stop: { signal: stop } }: Run,
): Promise<CityOutcome> {
  const { stores, observer } = world;
  const run = begun.record.id;
  const publication = openCityPublication({ ...stores, ...order, plan, rows, run, mend: order.request.force });
  let outcome: CityOutcome = { ...notRendered, ...publication, interrupted: stop.aborted };
  if (stop.aborted) return outcome;
  const entry = cityUnderWay(run, plan, "running");
  const progress = keepCityProgress(stores.ledger, entry);
  try {
    await stores.ledger.saveCity(entry);
    await stores.inputs.fetch(plan.city, plan.inputs);
    const rendering = await renderCity({
      pool,
      city: plan.city,
      plots: plan.due,
      jobFor: (plots) => jobFile(order.catalog, plots),
      attempts: order.attempts,
      cityTimeoutSeconds: order.cityTimeoutSeconds,
      // a program refers to the shared plotly.js in the pages that it writes
      html: order.request.html === true,
      signal: stop,
      onStart: (attempt, due) => observer.started(plan.city, due, attempt),
      onPlot: async (finished) => {
        const valid = await publication.take(finished);
        observer.plot(plan.city, valid);
        if (valid) progress.plot();
      },
    });
    outcome = { ...outcome, ...rendering, ...(await keepLog(stores.objects, run, plan.city, rendering.logFiles)) };
    if (order.request.html === true)
      outcome = await withAssets(outcome, stores.objects, order.catalog.model, rendering);
    if (!rendering.interrupted) {
      await refuseChangedInputs(plan, stores, order);
      await begun.lease.check();
      await publication.commit();
    }
  } catch (thrown) {
    // its rows were not written: nothing of it counts as published
    outcome = {
      ...outcome,
      published: new Map(),
      refused: new Map(),
      reason: { kind: "not-stored", text: messageOf(thrown) },
      interrupted: stop.aborted,
    };
  } finally {
    await progress.end();
    await stores.inputs.release(plan.city).catch((error: unknown) => observer.note(messageOf(error)));
  }
  return outcome;
}

/** What readers see of a city; not asked for where the plan has it all. */
async function rowsOf(plan: CityPlan, { order, world }: Run): Promise<IndexRow[]> {
  const complete = plan.current.length === plan.expected.length;
  return complete ? [] : presentRows(world.stores.index, plan.city, order.selection.scenarios);
}

async function refuseChangedInputs(plan: CityPlan, { inputs }: Stores, { selection }: RunOptions): Promise<void> {
  const before = plan.inputs;
  const now = await inputs.describe(plan.city, selection.scenarios);
  const changed = [
    [before.baseline, now.baseline] as const,
    ...selection.scenarios.map((id) => [before.scenarios.get(id), now.scenarios.get(id)] as const),
  ].find(([then, today]) => then?.sha256 !== today?.sha256);
  if (changed) {
    const [then, today] = changed;
    throw new Error(
      `the input ${(then ?? today)?.path} changed while it was being read; run again when it is complete`,
    );
  }
}
