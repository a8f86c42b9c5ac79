/** Receives the events of a run, for example to show progress on a terminal. */
import type { CityCode, RunId } from "../domain.ts";
import type { CityPlan } from "../plan/plan.ts";
import type { CityRecord } from "../records.ts";

export interface Observer {
  planned(run: RunId, plans: readonly CityPlan[]): void;
  /** R starts to draw `due` plots of a city, in attempt number `attempt` (from 1). */
  started(city: CityCode, due: number, attempt: number): void;
  /** A plot was published, or refused. */
  plot(city: CityCode, valid: boolean): void;
  ended(record: CityRecord): void;
  note(text: string): void;
  /** The run has ended; no further events follow. */
  close(): void;
}
