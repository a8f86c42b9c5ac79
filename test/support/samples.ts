/** Records and identifiers that tests fill stores with. */
import { CityCode, ModelId, type PlotId, RunId, ScenarioId, Sha256 } from "../../runner/domain.ts";
import type { CityRecord, IndexRow, RunRecord } from "../../runner/records.ts";
import { plotId, rowOf } from "./plots.ts";

export const model = ModelId.parse("ryan-white");
export const runId = (n: number): RunId => RunId.parse(`2020-11-${String(n).padStart(2, "0")}T090000Z-full`);
export const city = (code: string): CityCode => CityCode.parse(code);
export const scenario = (id: string): ScenarioId => ScenarioId.parse(id);
export const sha = (digit: string): Sha256 => Sha256.parse(digit.repeat(64));

export function plot(code: string, facet = "none", scenarioId = "cessation"): PlotId {
  return plotId({ city: code, facet, scenario: scenarioId });
}

export function indexRow(id: PlotId, sha256: Sha256, change: Partial<IndexRow> = {}): IndexRow {
  return rowOf(id, { sha256, run_id: runId(1), created_at: "2020-11-22T09:00:00.000Z", ...change });
}

const noCounts = { expected: 0, changed: 0, unchanged: 0, skipped: 0, missing: 0 };

export function runRecord(id: RunId, change: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    request: { preset: "full", only: {}, force: false, html: false },
    trigger: "local",
    started: `${id.slice(0, 10)}T09:00:00.000Z`,
    state: "complete",
    counts: noCounts,
    notApplicable: 0,
    workers: 2,
    image: "sha256:0123",
    version: "0.1.0",
    task: "host:1",
    ...change,
  };
}

export function cityRecord(run: RunId, code: string, change: Partial<CityRecord> = {}): CityRecord {
  return {
    run,
    city: city(code),
    state: "published",
    counts: noCounts,
    attempts: [{ number: 1, seconds: 2.5, end: "exit 0", plots: 3 }],
    seconds: 3,
    why: "its inputs changed",
    remarks: [],
    ...change,
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What a promise was rejected with; fails when it was not. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<Error & { exitCode?: number; code?: string; path?: string }> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
    throw thrown;
  }
  throw new Error("expected a rejection");
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);
export const json = "application/json";
