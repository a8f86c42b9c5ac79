/**
 * Names of everything that is stored or exchanged: plot files of the batch contract, object keys, table keys.
 * The one place that spells them; infrastructure, runner and readers import it.
 */
import type { CityCode, FacetId, ModelId, PlotId, RunId, ScenarioId, Sha256 } from "./domain.ts";

/** `unfaceted`, `facet_sex`, `facet_age+race`: the last part of a plot's file name. */
function facetPart(facet: FacetId): string {
  return facet === "none" ? "unfaceted" : `facet_${facet}`;
}

/** `incidence_mean.and.interval_facet_age+race`: a plot's file name without its ending. */
function plotName(plot: PlotId): string {
  return `${plot.outcome}_${plot.statistic}_${facetPart(plot.facet)}`;
}

/** Where the batch contract puts a plot, below the output directory, without ending. Never parsed back. */
export function plotPath(plot: PlotId): string {
  return `${plot.city}/${plot.scenario}/${plotName(plot)}`;
}

/** How a person reads a plot's name: `C.12580/cessation/incidence (mean.and.interval, age+race)`. */
export function plotTitle(plot: PlotId): string {
  return `${plot.city}/${plot.scenario}/${plot.outcome} (${plot.statistic}, ${plot.facet})`;
}

/** Prefix of every plot object of a model. */
export function plotsPrefix(model: ModelId): string {
  return `plots/${model}/`;
}

/**
 * Key of a plot's immutable object, named by its content.
 * @param sha256 of the uncompressed figure, also for the HTML page beside it
 */
export function plotKey(model: ModelId, plot: PlotId, sha256: Sha256, ending: "json" | "html" = "json"): string {
  // a `+` in a key is read as a blank by half of the world's tools
  const name = plotName(plot).replaceAll("+", "-");
  return `${plotsPrefix(model)}${plot.city}/${plot.scenario}/${name}.${sha256.slice(0, 16)}.${ending}`;
}

/** Partition key of the plots table: `C.12580#cessation`. */
export function partitionKey(city: CityCode, scenario: ScenarioId): string {
  return `${city}#${scenario}`;
}

/** Sort key of the plots table: `incidence#mean.and.interval#sex`. */
export function sortKey(plot: PlotId): string {
  return `${plot.outcome}#${plot.statistic}#${plot.facet}`;
}

/** Names a row in maps: partition and sort key together. */
export function rowKey(row: { readonly city_scenario: string; readonly outcome_stat_facet: string }): string {
  return `${row.city_scenario} ${row.outcome_stat_facet}`;
}

/** The {@link rowKey} of a plot's row. */
export function rowKeyOf(plot: PlotId): string {
  return rowKey({ city_scenario: partitionKey(plot.city, plot.scenario), outcome_stat_facet: sortKey(plot) });
}

/** Attributes that make the key of the plots table. */
export const plotsTable = { partition: "city_scenario", sort: "outcome_stat_facet" } as const;

/** Attributes of the runs table that its definition needs: the key, and when DynamoDB may drop an item (TTL). */
export const runsTable = { partition: "pk", sort: "sk", expires: "expires_at" } as const;

/** Partition of the runs table that holds all runs: one query, backwards, lists the newest. */
export const runsPartition = "runs";

/** Partition of the runs table that the watchdog writes to, and to no other. */
export const noticesPartition = "notices";

/** Keys of the runs table. */
export const ledgerKeys = {
  run: (run: RunId) => ({ pk: runsPartition, sk: run }),
  cities: (run: RunId): string => `run#${run}`,
  city: (run: RunId, city: CityCode) => ({ pk: ledgerKeys.cities(run), sk: `city#${city}` }),
  lock: { pk: "lock", sk: "lock" },
  /** What the watchdog said, or is saying, of an incident. */
  notice: (incident: string) => ({ pk: noticesPartition, sk: incident }),
  /** Which model the stack serves. */
  model: { pk: "model", sk: "model" },
  /** The checksum of an input, where the bucket has none. */
  input: (key: string) => ({ pk: "inputs", sk: key }),
} as const;

export const runsPrefix = "runs/";

/** Keys of what a run leaves behind. */
export const runKeys = {
  summary: (run: RunId): string => `${runsPrefix}${run}/summary.json`,
  /** The manifest: each expected plot of the run with key, sha256, bytes and status. */
  manifest: (run: RunId): string => `${runsPrefix}${run}/plots.ndjson.gz`,
  /** The whole index as the run left it; what a rollback restores. */
  index: (run: RunId): string => `${runsPrefix}${run}/index.ndjson.gz`,
  email: (run: RunId): string => `${runsPrefix}${run}/email.txt`,
  log: (run: RunId, city: CityCode): string => `${runsPrefix}${run}/logs/${city}.log`,
};

export const pinsPrefix = "pins/";

/** Keys of what `replot keep` keeps of a run. They lie apart, since what is below `runs/` expires after a year in AWS. */
export const pinKeys = {
  /** A copy of the run's snapshot; the run is pinned as long as it exists. */
  index: (run: RunId): string => `${pinsPrefix}${run}/index.ndjson.gz`,
};

/** Where inputs lie, below the data directory or in the data bucket. */
export const inputPaths = {
  baseline: (model: ModelId, city: CityCode): string => `simulations/${model}/base/${city}_base.Rdata`,
  scenario: (model: ModelId, city: CityCode, scenario: ScenarioId): string =>
    `simulations/${model}/prerun/${city}/${scenario}.Rdata`,
};
