/** A catalog about something else entirely, small enough to count by hand. */
import type { Catalog, Selection } from "../../../runner/catalog/catalog.ts";
import { parseCatalog } from "../../../runner/catalog/load.ts";
import { resolveSelection } from "../../../runner/catalog/select.ts";

export const exampleYaml = `model: river-health
cities:
  - { code: R.1, name: "Elbe-Upper, CZ" }
  - { code: R.2, name: Rhine }
scenarios: { dry: Dry summers, dams: New dams }
dimensions:
  species: [trout, eel]
  season: [spring, summer, autumn]
  depth: ~
outcomes:
  stock: { name: Fish stock, unit: fish/km, kind: count, dimensions: [species, season] }
  oxygen: { name: Oxygen saturation, unit: "%", kind: proportion, dimensions: [season, depth] }
  flow: { name: Flow, unit: m3/s, kind: count, dimensions: [] }
statistics: { mean: Mean, draws: Single draws }
limits: { points: 1000, bytes: 100000 }
presets:
  small: { cities: [R.2, R.1], scenarios: [dry], outcomes: [stock], statistics: [mean], facets: [~, season+species] }
  all: { cities: all, scenarios: all, outcomes: all, statistics: all, facets: all }
`;

export function exampleCatalog(replace: readonly (readonly [string, string])[] = []): Catalog {
  return parseCatalog(edit(replace), "river.yaml");
}

/** The example with some of its text replaced. Each text must be there. */
export function edit(replace: readonly (readonly [string, string])[]): string {
  return replace.reduce((text, [before, after]) => {
    if (!text.includes(before)) throw new Error(`the example has no ${before}`);
    return text.replace(before, after);
  }, exampleYaml);
}

export function everything(catalog: Catalog): Selection {
  return resolveSelection(catalog, "all").selection;
}

/** The first of a list that is not empty. */
export function first<Item>(items: Iterable<Item>): Item {
  for (const item of items) return item;
  throw new Error("nothing there");
}

/** The message of what is thrown. */
export function messageFrom(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
  }
  throw new Error("nothing was thrown");
}
