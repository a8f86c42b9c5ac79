/**
 * One run, stage by stage: plan -> fetch inputs -> render -> check -> publish -> report. A city is the unit of
 * isolation: cities pass through the stages independently, and a plot is uploaded while R still draws the next one.
 */
import pLimit from "p-limit";
import type { RunId } from "./domain.ts";
import { messageOf } from "./errors.ts";
import { planCities } from "./plan/cities.ts";
import type { CityPlan } from "./plan/plan.ts";
import type { RunRecord } from "./records.ts";
import type { RenderPool } from "./render/pool.ts";
import type { EmailOptions } from "./report/email.ts";
import type { Observer } from "./report/observer.ts";
import type { Summary } from "./report/summary.ts";
import { type BegunRun, beginRun } from "./run/begin.ts";
import { type CityResult, cityUnderWay } from "./run/city-result.ts";
import { CityRun, type RunContext } from "./run/city-run.ts";
import { finishRun } from "./run/finish.ts";
import type { RunOptions } from "./run/run-options.ts";
import { ShutdownTimeout, shutdownBudgets, withTimeoutAfterAbort } from "./run/shutdown.ts";
import type { Stores } from "./stores/ports.ts";

export type { RunOptions };

/** What a run works with: local stores and programs, or those of a stack. */
export interface Dependencies {
  readonly stores: Stores;
  /** Ends and removes what a killed run left in the work directory; called under the lock. */
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
export async function regenerate(
  options: RunOptions,
  dependencies: Dependencies,
  stop: AbortController,
): Promise<Summary> {
  const { stores, observer } = dependencies;
  const begun = await beginRun(stores, options, (lost) => stop.abort(lost));
  const results: CityResult[] = [];
  let plans: readonly CityPlan[] = [];
  let error: unknown;
  let release: () => Promise<void> = begun.lease.release;
  const work = async (): Promise<void> => {
    await dependencies.sweep();
    plans = await planCities({ ...options, force: options.request.force }, stores);
    observer.planned(begun.record.id, plans);
    for (const plan of plans) await stores.ledger.saveCity(cityUnderWay(begun.record.id, plan, "pending"));
    await regenerateCities(plans, results, { options, dependencies, begun, stop });
  };
  try {
    await withTimeoutAfterAbort(stop.signal, shutdownBudgets.cities, "the cities under way", work());
  } catch (thrown) {
    // cities that do not end in time count as not finished; what they still write, they write under the lock
    if (thrown instanceof ShutdownTimeout) release = async () => {};
    else error = thrown;
  }
  try {
    return await finishRun({ options, begun, plans, results: [...results], error, stop: stop.signal, ...dependencies });
  } finally {
    // a lock that is not released expires by itself, a minute after its last renewal
    const releasing = withTimeoutAfterAbort(stop.signal, shutdownBudgets.lock, "releasing the lock", release());
    await releasing.catch((thrown: unknown) => observer.note(messageOf(thrown)));
    observer.close();
  }
}

interface Run {
  readonly options: RunOptions;
  readonly dependencies: Dependencies;
  readonly begun: BegunRun;
  readonly stop: AbortController;
}

/** @throws what concerns all cities, such as a ledger that cannot be written; the other cities are then stopped */
async function regenerateCities(
  plans: readonly CityPlan[],
  results: CityResult[],
  { options, dependencies, begun, stop }: Run,
): Promise<void> {
  const { stores, observer } = dependencies;
  const run = begun.record.id;
  const context: RunContext = { run, options, stores, observer, lease: begun.lease, signal: stop.signal };
  const isAnyDue = plans.some(({ due }) => due.length > 0);
  const pool = isAnyDue ? await dependencies.openPool(run, observer.note) : undefined;
  if (pool) begun.remarks.push(...pool.remarks);
  // one more than there are workers: its inputs are fetched and its job is ready while the others render
  const inTurn = pLimit(options.workers + 1);
  try {
    const ends = await Promise.allSettled(
      plans.map(async (plan) => {
        try {
          const isWork = plan.due.length > 0 || options.request.html !== false;
          const result = isWork
            ? await inTurn(() => regenerateCity(plan, pool, context))
            : await regenerateCity(plan, pool, context);
          results.push(result);
          await stores.ledger.saveCity(result.record);
          observer.ended(result.record);
        } catch (thrown) {
          if (!stop.signal.aborted) observer.note(`the run stops: ${messageOf(thrown)}`);
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

/** A city from its inputs to its record. What goes wrong becomes part of the record; it never stops another city. */
async function regenerateCity(plan: CityPlan, pool: RenderPool | undefined, context: RunContext): Promise<CityResult> {
  const city = await CityRun.open(plan, context);
  if (pool !== undefined && plan.due.length > 0) {
    try {
      await city.fetchInputs();
      await city.render(pool);
      await city.publish();
    } catch (thrown) {
      city.fail(thrown);
    } finally {
      await city.close();
    }
  }
  return city.record();
}
