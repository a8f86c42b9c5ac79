/** Ends a run: its manifest, the index as it left it, its summary, its e-mail, its entry in the ledger. */
import { catalogNames } from "../catalog/names.ts";
import { messageOf, UnavailableError } from "../errors.ts";
import { runKeys } from "../layout.ts";
import { presentRows } from "../plan/cities.ts";
import { expectedCounts } from "../plan/expected.ts";
import type { CityPlan } from "../plan/plan.ts";
import { stateChanges, unfinishedAfter, unfinishedCities } from "../publish/index-state.ts";
import { previousState } from "../publish/latest.ts";
import { writeIndexSnapshot, writeManifest } from "../publish/manifest.ts";
import { prune } from "../publish/prune.ts";
import type { CityRecord, IndexState, RunRecord } from "../records.ts";
import { composeEmail, type EmailOptions, isWorthAnEmail } from "../report/email.ts";
import type { Observer } from "../report/observer.ts";
import { addCounts, type Summary, stateOf } from "../report/summary.ts";
import type { Stores } from "../stores/ports.ts";
import { cleanLine } from "../text/clean.ts";
import type { BegunRun } from "./begin.ts";
import { type CityResult, cityResult, notRendered } from "./city-result.ts";
import { Stopped } from "./interrupt.ts";
import type { RunOptions } from "./run-options.ts";
import { ShutdownTimeout, shutdownBudgets, withTimeoutAfterAbort } from "./shutdown.ts";

/** Of a run's error in the ledger. */
const maxErrorLength = 1_000;

export interface FinishInput {
  readonly options: RunOptions;
  readonly begun: BegunRun;
  readonly plans: readonly CityPlan[];
  readonly results: readonly CityResult[];
  /** What ended the run before its end, if anything did. */
  readonly error: unknown;
  readonly stop: AbortSignal;
  readonly stores: Stores;
  readonly observer: Pick<Observer, "note">;
  readonly email: EmailOptions;
  readonly bill?: () => Pick<RunRecord, "cost" | "capacity" | "repeated">;
}

/**
 * A run that was stopped has little time left: then what a person and the next run need comes first, the ledger and the
 * e-mail, and what is stored beside them last. Each step has a bound from the moment of the stop.
 * @throws UnavailableError where the run could not be reported
 */
export async function finishRun(ending: FinishInput): Promise<Summary> {
  const { options, begun, stores, stop } = ending;
  const results = await withUnfinished(ending);
  const cities = results.map(({ record }) => record);
  let run = endOf(ending, cities);
  const hurried = stop.aborted;
  try {
    const left: Left = hurried ? { remarks: [] } : await leaveRecords(begun.record, results, ending);
    if (left.index !== undefined) run = { ...run, index: left.index };
    const remarks = [...begun.remarks, ...left.remarks, ...(hurried ? [] : await pruneAfter(run, ending))];
    const summary: Summary = {
      run,
      cities,
      names: Object.fromEntries(
        cities.map(({ city }) => [city, cleanLine(options.catalog.cities.get(city)?.shortName ?? city)]),
      ),
      inputs: inputsOf(ending.plans),
      remarks,
      ...(await previousRun(run, ending)),
    };
    // what a failure kept from being written down
    if (ending.error !== undefined) {
      const saved = Promise.all(cities.map((city) => stores.ledger.saveCity(city)));
      await withTimeoutAfterAbort(stop, shutdownBudgets.ledger, "the ledger", saved);
    }
    if (!hurried) await storeReport(summary, ending);
    let told = run;
    try {
      told = await tell(summary, ending);
    } finally {
      const records = () => leaveRecords(told, results, ending);
      if (hurried) await runBestEffort(ending, [() => storeReport(summary, ending), records]);
    }
    return summary;
  } catch (error) {
    const why = `could not be reported: ${cleanLine(messageOf(error), maxErrorLength)}`;
    const noted = stores.ledger.saveRun({ ...run, error: run.error ?? why });
    await withTimeoutAfterAbort(stop, shutdownBudgets.ledger, "the ledger", noted).catch(() => {});
    throw new UnavailableError(`run ${run.id} ended (${run.state}), but ${why}`);
  }
}

/** What came of writing a run's records. */
interface Left {
  /** The state of the index; undefined where it could not be written down. */
  readonly index?: IndexState;
  /** What the report says about it. */
  readonly remarks: readonly string[];
}

/**
 * Writes the manifest and the snapshot of the index, and what identifies the snapshot into the ledger.
 * @param record the run's entry as the ledger has it
 */
async function leaveRecords(record: RunRecord, results: readonly CityResult[], ending: FinishInput): Promise<Left> {
  const { begun, options, stores, stop } = ending;
  const work = async (): Promise<Left> => {
    const lines = results.flatMap(({ lines }) => lines);
    await writeManifest(stores.objects, record.id, lines);
    // without the lock another run may be writing rows: a snapshot would show a moment that never was
    const ours = await begun.lease.check().then(
      () => true,
      () => false,
    );
    if (!ours) return { remarks: [] };
    const state = await writeIndexSnapshot(stores.objects, record.id, stores.index);
    const before = stateChanges(await stores.ledger.runs()).filter(({ run }) => run.id !== record.id);
    const open = await unfinishedCities(stores.ledger, before);
    const unfinished = unfinishedAfter(
      open.filter((city) => options.catalog.cities.has(city)),
      results.map((result) => result.record),
    );
    const index = { ...state, unfinished };
    await stores.ledger.saveRun({ ...record, index });
    return { index, remarks: [] };
  };
  return withTimeoutAfterAbort(stop, shutdownBudgets.records, "writing the manifest and the snapshot", work()).catch(
    (thrown: unknown) => ({
      remarks: remarkIfLate(thrown),
    }),
  );
}

/** The summary and the e-mail's text, beside the run's other objects. */
async function storeReport(summary: Summary, { stores: { objects }, email, stop }: FinishInput): Promise<void> {
  const { run } = summary;
  const { subject, body } = composeEmail(summary, email);
  const stored = objects.put({
    key: runKeys.summary(run.id),
    body: Buffer.from(`${JSON.stringify(summary, undefined, 2)}\n`),
    contentType: "application/json",
  });
  const text = objects.put({
    key: runKeys.email(run.id),
    body: Buffer.from(`Subject: ${subject}\n\n${body}`),
    contentType: "text/plain; charset=utf-8",
  });
  await withTimeoutAfterAbort(stop, shutdownBudgets.records, "storing the summary", Promise.all([stored, text])).catch(
    remarkIfLate,
  );
}

/** The ledger's entry and the e-mail. @returns the entry as it was saved last */
async function tell(summary: Summary, { stores: { ledger, notifier }, email, stop }: FinishInput): Promise<RunRecord> {
  const { run } = summary;
  const { subject, body } = composeEmail(summary, email);
  const save = (record: RunRecord) =>
    withTimeoutAfterAbort(stop, shutdownBudgets.ledger, "the ledger", ledger.saveRun(record));
  await save(run);
  if (isWorthAnEmail(summary, email)) {
    const accepted = notifier.notify({ run: run.id, subject, body });
    await withTimeoutAfterAbort(stop, shutdownBudgets.notification, "the e-mail", accepted);
  }
  const reported = { ...run, reportedAt: new Date().toISOString() };
  await save(reported);
  return reported;
}

/** What the run can be without: a failure is told to whoever reads its log. */
async function runBestEffort({ observer }: FinishInput, steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const ends = await Promise.allSettled(steps.map((step) => step()));
  for (const end of ends) if (end.status === "rejected") observer.note(messageOf(end.reason));
}

function noneIfLate(thrown: unknown): never[] {
  if (thrown instanceof ShutdownTimeout) return [];
  throw thrown;
}

function remarkIfLate(thrown: unknown): string[] {
  if (thrown instanceof ShutdownTimeout) return [`Not done: ${thrown.message}.`];
  throw thrown;
}

/** The run whose state a rollback would bring back; none where the run changed nothing. The report does not depend on it. */
async function previousRun(
  run: RunRecord,
  { stores, stop, observer }: FinishInput,
): Promise<Pick<Summary, "previous">> {
  if (run.counts.changed === 0) return {};
  const looking = previousState(stores, { run: run.id, digest: run.index?.digest });
  const found = withTimeoutAfterAbort(stop, shutdownBudgets.rows, "looking for the state before", looking);
  const previous = await found.catch((thrown: unknown) => {
    observer.note(messageOf(thrown));
    return undefined;
  });
  return previous === undefined ? {} : { previous };
}

/**
 * A complete run ends by removing what nobody can reach any more; one that changed nothing made nothing unreachable.
 * @returns what should be said about it: a run that could not tidy up has still done its work
 */
async function pruneAfter(run: RunRecord, { options, begun, stores, stop }: FinishInput): Promise<string[]> {
  if (run.state !== "complete" || run.counts.changed === 0) return [];
  const { catalog } = options;
  try {
    const pruned = prune(stores, { model: catalog.model, inCatalog: catalogNames(catalog), lease: begun.lease });
    await withTimeoutAfterAbort(stop, shutdownBudgets.rows, "pruning", pruned);
    return [];
  } catch (error) {
    return [`Old plots were not removed: ${messageOf(error)}`];
  }
}

/** Cities that the run never came to are part of its result all the same. */
async function withUnfinished({ begun, options, plans, results, stores, stop }: FinishInput): Promise<CityResult[]> {
  const done = new Map(results.map((result) => [result.record.city, result]));
  const all: CityResult[] = [];
  const end = performance.now() + shutdownBudgets.rows * 1000;
  // one city after the other, or the rows of all of them would be in memory at once
  for (const plan of plans) {
    const known = done.get(plan.city);
    const left = Math.max(0, (end - performance.now()) / 1000);
    const reading = () => presentRows(stores.index, plan.city, options.selection.scenarios);
    const rows = known ? [] : await withTimeoutAfterAbort(stop, left, "reading rows", reading()).catch(noneIfLate);
    all.push(known ?? cityResult(begun.record.id, plan, rows, { ...notRendered, interrupted: true }));
  }
  return all;
}

function endOf({ begun, options, error, stop, bill }: FinishInput, cities: readonly CityRecord[]): RunRecord {
  const lost = stop.aborted && stop.reason instanceof UnavailableError ? stop.reason : undefined;
  const failure = error ?? lost;
  const { notApplicable } = expectedCounts(options.catalog, options.selection);
  return {
    ...begun.record,
    ended: new Date().toISOString(),
    state: failure !== undefined ? "failed" : stop.aborted ? "interrupted" : stateOf(cities),
    counts: addCounts(cities.map(({ counts }) => counts)),
    notApplicable,
    ...bill?.(),
    ...(failure !== undefined
      ? { error: cleanLine(messageOf(failure), maxErrorLength) }
      : stop.aborted
        ? { error: stop.reason instanceof Stopped ? stop.reason.words : String(stop.reason) }
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
