/** Describes the present state of the index and the runs that drew its plots. */
import type { RunId } from "../domain.ts";
import type { RunRecord } from "../records.ts";
import type { Stores } from "../stores/ports.ts";
import { stateChanges, timeOf } from "./index-state.ts";

/** A run that drew plots of the present state. */
export interface ShownRun {
  readonly id: RunId;
  /** Undefined if the ledger has no entry of the run any more. */
  readonly record: RunRecord | undefined;
  readonly plots: number;
  readonly cities: number;
}

export interface PresentState {
  /** The run that left the present state; undefined if no run has ended. */
  readonly run: RunRecord | undefined;
  /** Time of the rollback to that run (ISO 8601); undefined if the run itself wrote the state. */
  readonly restoredAt: string | undefined;
  /** A later run that is running or was killed, and may have changed rows. */
  readonly since: RunRecord | undefined;
  readonly plots: number;
  readonly cities: number;
  /** Runs that drew the present plots, the one with the most plots first. */
  readonly drawnBy: readonly ShownRun[];
}

/** Counts the rows of the index by the run that drew them. */
export async function presentState({ index, ledger }: Pick<Stores, "index" | "ledger">): Promise<PresentState> {
  const runs = await ledger.runs();
  const changes = stateChanges(runs);
  const left = changes.find(({ run, rollback }) => rollback !== undefined || run.state !== "running");
  const [newest] = changes;
  const shown = new Map<RunId, { plots: number; cities: Set<string> }>();
  const cities = new Set<string>();
  let plots = 0;
  for await (const { city_scenario, run_id } of index.all()) {
    const [city = city_scenario] = city_scenario.split("#");
    const part = shown.get(run_id) ?? { plots: 0, cities: new Set() };
    part.plots += 1;
    part.cities.add(city);
    shown.set(run_id, part);
    cities.add(city);
    plots += 1;
  }
  const records = new Map(runs.map((run) => [run.id, run]));
  return {
    run: left?.run,
    restoredAt: left?.rollback === undefined ? undefined : timeOf(left),
    since: newest !== undefined && newest !== left ? newest.run : undefined,
    plots,
    cities: cities.size,
    drawnBy: [...shown]
      .map(([id, part]) => ({ id, record: records.get(id), plots: part.plots, cities: part.cities.size }))
      .sort((a, b) => b.plots - a.plots || (a.id < b.id ? 1 : -1)),
  };
}
