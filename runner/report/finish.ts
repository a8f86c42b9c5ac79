/** Ends a run: its manifest, the index as it left it, its summary, its e-mail, its entry in the ledger. */
import { catalogNames } from "../catalog/names.ts";
import { CannotWork, messageOf } from "../errors.ts";
import { runKeys } from "../layout.ts";
import type { Order } from "../pipeline.ts";
import { presentRows } from "../plan/cities.ts";
import { expectedCounts } from "../plan/expected.ts";
import type { CityPlan } from "../plan/plan.ts";
import { writeIndexSnapshot, writeManifest } from "../publish/manifest.ts";
import { prune } from "../publish/prune.ts";
import type { CityRecord, RunRecord } from "../records.ts";
import type { BegunRun } from "../run/begin.ts";
import type { Stores } from "../stores/ports.ts";
import { type CityResult, cityResult, notRendered } from "./city.ts";
import { composeEmail, type EmailOptions } from "./email.ts";
import { addCounts, type Summary, stateOf } from "./summary.ts";

export interface Ending {
  readonly order: Order;
  readonly begun: BegunRun;
  readonly plans: readonly CityPlan[];
  readonly results: readonly CityResult[];
  /** What ended the run before its end, if anything did. */
  readonly error: unknown;
  readonly stop: AbortSignal;
  readonly stores: Stores;
  readonly email: EmailOptions;
}

/** @throws CannotWork where the run could not be reported */
export async function finishRun(ending: Ending): Promise<Summary> {
  const { order, begun, stores, email } = ending;
  const results = await withUnfinished(ending);
  const cities = results.map(({ record }) => record);
  const run = endOf(ending, cities);
  try {
    await writeManifest(
      stores.objects,
      run.id,
      results.flatMap(({ lines }) => lines),
    );
    // without the lock another run may be writing rows: a snapshot would show a moment that never was
    const ours = await begun.lease.check().then(
      () => true,
      () => false,
    );
    if (ours) await writeIndexSnapshot(stores.objects, run.id, stores.index);
    const summary: Summary = {
      run,
      cities,
      names: Object.fromEntries(cities.map(({ city }) => [city, order.catalog.cities.get(city)?.shortName ?? city])),
      inputs: inputsOf(ending.plans),
      remarks: [...begun.remarks, ...(await pruneAfter(run, ending))],
      ...(await previousRun(run, stores)),
    };
    // what a failure kept from being written down
    if (ending.error !== undefined) for (const city of cities) await stores.ledger.saveCity(city);
    await report(summary, stores, email);
    return summary;
  } catch (error) {
    const why = `could not be reported: ${messageOf(error)}`;
    await stores.ledger.saveRun({ ...run, error: run.error ?? why }).catch(() => {});
    throw new CannotWork(`run ${run.id} ended (${run.state}), but ${why}`);
  }
}

/** The run before that a rollback can go back to. */
async function previousRun(run: RunRecord, { ledger }: Stores): Promise<Pick<Summary, "previous">> {
  const before = (await ledger.runs(50)).find(
    ({ id, state }) => id < run.id && (state === "complete" || state === "incomplete"),
  );
  return before === undefined ? {} : { previous: before.id };
}

async function report(summary: Summary, { objects, ledger, notifier }: Stores, options: EmailOptions): Promise<void> {
  const { run } = summary;
  const { subject, body } = composeEmail(summary, options);
  await objects.put({
    key: runKeys.summary(run.id),
    body: Buffer.from(`${JSON.stringify(summary, undefined, 2)}\n`),
    contentType: "application/json",
  });
  await objects.put({
    key: runKeys.email(run.id),
    body: Buffer.from(`Subject: ${subject}\n\n${body}`),
    contentType: "text/plain; charset=utf-8",
  });
  await ledger.saveRun(run);
  await notifier.notify({ run: run.id, subject, body });
  await ledger.saveRun({ ...run, reportedAt: new Date().toISOString() });
}

/**
 * A complete run ends by removing what nobody can reach any more; one that changed nothing made nothing unreachable.
 * @returns what should be said about it: a run that could not tidy up has still done its work
 */
async function pruneAfter(run: RunRecord, { order, begun, stores }: Ending): Promise<string[]> {
  if (run.state !== "complete" || run.counts.changed === 0) return [];
  const { catalog } = order;
  try {
    await prune(stores, { model: catalog.model, inCatalog: catalogNames(catalog), lease: begun.lease });
    return [];
  } catch (error) {
    return [`Old plots were not removed: ${messageOf(error)}`];
  }
}

/** Cities that the run never came to are part of its result all the same. */
async function withUnfinished({ begun, order, plans, results, stores }: Ending): Promise<CityResult[]> {
  const done = new Map(results.map((result) => [result.record.city, result]));
  const unfinished = async (plan: CityPlan): Promise<CityResult> => {
    const rows = await presentRows(stores.index, plan.city, order.selection.scenarios);
    return cityResult(begun.record.id, plan, rows, { ...notRendered, interrupted: true });
  };
  return Promise.all(plans.map((plan) => done.get(plan.city) ?? unfinished(plan)));
}

function endOf({ begun, order, error, stop }: Ending, cities: readonly CityRecord[]): RunRecord {
  const lost = stop.aborted && stop.reason instanceof CannotWork ? stop.reason : undefined;
  const failure = error ?? lost;
  const { notApplicable } = expectedCounts(order.catalog, order.selection);
  return {
    ...begun.record,
    ended: new Date().toISOString(),
    state: failure !== undefined ? "failed" : stop.aborted ? "interrupted" : stateOf(cities),
    counts: addCounts(cities.map(({ counts }) => counts)),
    notApplicable,
    ...(failure !== undefined
      ? { error: messageOf(failure) }
      : stop.aborted
        ? { error: `stopped by ${String(stop.reason)}` }
        : {}),
  };
}

function inputsOf(plans: readonly CityPlan[]): Summary["inputs"] {
  return plans.flatMap(({ inputs }) =>
    [inputs.baseline ?? [], ...inputs.scenarios.values()]
      .flat()
      .map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
  );
}
