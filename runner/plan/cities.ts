/** Plans every city of a run: what is expected of it, what of that is due, and why. */
import type { Catalog, Selection } from "../catalog/catalog.ts";
import type { CityCode, ScenarioId } from "../domain.ts";
import type { IndexRow } from "../records.ts";
import type { PlotIndex, Stores } from "../stores/ports.ts";
import { type CityPlan, planCity } from "./plan.ts";

export interface PlanningOptions {
  readonly catalog: Catalog;
  readonly selection: Selection;
  /** Identity of what draws. */
  readonly image: string;
  /** Everything is due, whatever the index says. */
  readonly force: boolean;
  /** Cities that need not be done again although everything is forced. */
  readonly alreadyDone: ReadonlySet<CityCode>;
}

export async function planCities(
  options: PlanningOptions,
  stores: Pick<Stores, "inputs" | "index">,
): Promise<CityPlan[]> {
  const { selection } = options;
  const plans: CityPlan[] = [];
  for (const city of selection.cities) {
    const inputs = await stores.inputs.describe(city, selection.scenarios);
    const rows = await presentRows(stores.index, city, selection.scenarios);
    plans.push(planCity({ ...options, city, inputs, rows }));
  }
  return plans;
}

/**
 * The rows that readers see now. Read again where they are needed instead of kept: a run's memory should not grow
 * with the size of the index.
 */
export async function presentRows(
  index: PlotIndex,
  city: CityCode,
  scenarios: readonly ScenarioId[],
): Promise<IndexRow[]> {
  return (await Promise.all(scenarios.map((scenario) => index.rows(city, scenario)))).flat();
}
