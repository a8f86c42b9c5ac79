/** Who watches a run: the terminal, plain lines, or nobody. The pipeline tells, and never asks who listens. */
import type { CityCode, RunId } from "../domain.ts";
import type { CityPlan } from "../plan/plan.ts";
import type { CityRecord } from "../records.ts";

export interface Observer {
  planned(run: RunId, plans: readonly CityPlan[]): void;
  /** R began to draw a city's plots: `due` of them, in its n-th attempt. */
  started(city: CityCode, due: number, attempt: number): void;
  /** A plot was published, or refused. */
  plot(city: CityCode, valid: boolean): void;
  ended(record: CityRecord): void;
  note(text: string): void;
  /** The run is over; nothing more will be told. */
  close(): void;
}
