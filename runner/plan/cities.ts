/** Plans every city of a run: what is expected of it, what of that is due, and why. */
import type { Catalog, Selection } from "../catalog/catalog.ts";
import type { CityCode } from "../domain.ts";
import type { IndexRow } from "../records.ts";
import type { Stores } from "../stores/ports.ts";
import { type CityPlan, planCity } from "./plan.ts";

export interface PlannedCity {
  readonly plan: CityPlan;
  /** The rows that readers see now, of the selection's scenarios. */
  readonly rows: readonly IndexRow[];
}

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
): Promise<PlannedCity[]> {
  const { catalog, selection, image, force, alreadyDone } = options;
  const planned: PlannedCity[] = [];
  for (const city of selection.cities) {
    const inputs = await stores.inputs.describe(city, selection.scenarios);
    const rows = (await Promise.all(selection.scenarios.map((scenario) => stores.index.rows(city, scenario)))).flat();
    planned.push({ plan: planCity({ catalog, selection, city, inputs, rows, image, force, alreadyDone }), rows });
  }
  return planned;
}
