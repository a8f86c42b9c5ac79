/** What can be plotted: the validated catalog, as the rest of the code sees it. `load.ts` makes it from YAML. */
import type { CityCode, DimensionId, FacetId, ModelId, OutcomeId, ScenarioId, StatisticId } from "../domain.ts";

export interface City {
  readonly code: CityCode;
  /** As published: `Baltimore-Columbia-Towson, MD`. */
  readonly name: string;
  /** The name up to the first `-` or `,`: `Baltimore`. */
  readonly shortName: string;
  /** Degrees, [longitude, latitude]. */
  readonly coordinates?: readonly [number, number];
  /** A scale for sample data. */
  readonly population?: number;
}

export interface Scenario {
  readonly id: ScenarioId;
  readonly name: string;
}

export interface Outcome {
  readonly id: OutcomeId;
  readonly name: string;
  /** Shown on the y axis: `infections/year`, `%`. */
  readonly unit: string;
  readonly kind: "count" | "proportion";
  /** The dimensions it is broken down by; a facet that needs another is not applicable. */
  readonly dimensions: readonly DimensionId[];
}

export interface Dimension {
  readonly id: DimensionId;
  /** Identifiers of its strata; absent where the catalog does not list them, and then panels are not counted. */
  readonly strata?: readonly string[];
  /** What figures call the strata; absent where no stratum has a name of its own. */
  readonly strataNames?: ReadonlyMap<string, string>;
}

export interface Statistic {
  readonly id: StatisticId;
  readonly name: string;
}

export interface Limits {
  /** Data points in one figure. */
  readonly points: number;
  /** Uncompressed bytes of one figure. */
  readonly bytes: number;
}

/** Which combinations a run covers: the product of the five lists. */
export interface Selection {
  readonly cities: readonly CityCode[];
  readonly scenarios: readonly ScenarioId[];
  readonly outcomes: readonly OutcomeId[];
  readonly statistics: readonly StatisticId[];
  readonly facets: readonly FacetId[];
}

export interface Catalog {
  readonly model: ModelId;
  readonly cities: ReadonlyMap<CityCode, City>;
  readonly scenarios: ReadonlyMap<ScenarioId, Scenario>;
  readonly outcomes: ReadonlyMap<OutcomeId, Outcome>;
  readonly dimensions: ReadonlyMap<DimensionId, Dimension>;
  readonly statistics: ReadonlyMap<StatisticId, Statistic>;
  /** Every facet that may be asked for, in canonical spelling and order. */
  readonly facets: readonly FacetId[];
  readonly limits: Limits;
  readonly presets: ReadonlyMap<string, Selection>;
}
