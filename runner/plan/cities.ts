/** Plans every city of a run: which plots are expected, which are due, and why. */
import type { Catalog, Selection } from "../catalog/catalog.ts";
import type { CityCode, ScenarioId } from "../domain.ts";
import type { IndexRow } from "../records.ts";
import type { PlotIndex, Stores } from "../stores/ports.ts";
import { type CityPlan, planCity } from "./plan.ts";

export interface PlanningOptions {
  readonly catalog: Catalog;
  readonly selection: Selection;
  /** Identity of the R image or program. */
  readonly image: string;
  /** Whether all plots are due, including current ones. */
  readonly force: boolean;
  /** Cities that a forced run does not repeat, because the run that it resumes finished them. */
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
 * Reads the present rows of a city. Callers read them again instead of keeping them, so that the memory of a run does
 * not grow with the index.
 */
export async function presentRows(
  index: PlotIndex,
  city: CityCode,
  scenarios: readonly ScenarioId[],
): Promise<IndexRow[]> {
  return (await Promise.all(scenarios.map((scenario) => index.rows(city, scenario)))).flat();
}
