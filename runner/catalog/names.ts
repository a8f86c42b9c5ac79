/** Tells rows whose plot is still in the catalog from stray rows. */
import type { IndexRow } from "../records.ts";
import type { Catalog } from "./catalog.ts";
import { applicable } from "./facet.ts";

/** @returns a predicate for rows: false if the city, scenario, outcome, statistic or facet is not in the catalog */
export function catalogNames(catalog: Catalog): (row: IndexRow) => boolean {
  const cities = new Set<string>(catalog.cities.keys());
  const scenarios = new Set<string>(catalog.scenarios.keys());
  const facets = new Set(catalog.facets);
  return ({ city_scenario, outcome, statistic_type, facet_choice }) => {
    const [city = "", scenario = ""] = city_scenario.split("#");
    const known = catalog.outcomes.get(outcome);
    return (
      cities.has(city) &&
      scenarios.has(scenario) &&
      catalog.statistics.has(statistic_type) &&
      facets.has(facet_choice) &&
      known !== undefined &&
      applicable(known, facet_choice)
    );
  };
}
