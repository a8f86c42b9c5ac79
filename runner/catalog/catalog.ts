/** The validated catalog: everything that can be plotted. `load.ts` reads it from YAML. */
import type { CityCode, DimensionId, FacetId, ModelId, OutcomeId, ScenarioId, StatisticId } from "../domain.ts";

export interface City {
  readonly code: CityCode;
  /** The full name, as published: `Baltimore-Columbia-Towson, MD`. */
  readonly name: string;
  /** The name up to the first `-` or `,`: `Baltimore`. */
  readonly shortName: string;
  /** Degrees, [longitude, latitude]. */
  readonly coordinates?: readonly [number, number];
  /** Residents; scales the sample data. */
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
  /** Identifiers of its strata. If the catalog does not list them, this is absent and panels are not counted. */
  readonly strata?: readonly string[];
  /** Display names of strata by identifier; absent if no stratum has one. */
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

/** The combinations that a run covers: the product of the five lists. */
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
  /** Every valid facet, in canonical spelling and order. */
  readonly facets: readonly FacetId[];
  readonly limits: Limits;
  readonly presets: ReadonlyMap<string, Selection>;
}
