/**
 * The words the rest of the code is written in. Each identifier is made by one function, which validates; past the
 * door nobody re-checks.
 */
import { z } from "zod";

const identifier = z.string().regex(/^[A-Za-z0-9._]+$/, "an identifier is made of letters, digits, `.` and `_`");

export const CityCode = identifier.brand<"CityCode">();
export const ScenarioId = identifier.brand<"ScenarioId">();
export const OutcomeId = identifier.brand<"OutcomeId">();
export const StatisticId = identifier.brand<"StatisticId">();
export const DimensionId = identifier.brand<"DimensionId">();
/** Unlike other identifiers a model's may contain a hyphen: `ryan-white`. */
export const ModelId = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "a model's name is made of letters, digits, `.`, `_` and `-`")
  .brand<"ModelId">();

/** `none`, or dimensions in the catalog's order joined by `+`. Made by {@link parseFacet} in `catalog/facet.ts`. */
export const FacetId = z
  .string()
  .regex(/^[A-Za-z0-9._]+(\+[A-Za-z0-9._]+)*$/)
  .brand<"FacetId">();

/** Sorts by time and reads like one: `2026-11-22T090000Z-full`. */
export const RunId = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{6}Z-[A-Za-z0-9._-]+$/, "a run id looks like 2026-11-22T090000Z-full")
  .brand<"RunId">();

/** Hexadecimal SHA-256. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<"Sha256">();

/** What a task runs on: Spot costs less and may be taken back. */
export const Capacity = z.enum(["FARGATE", "FARGATE_SPOT"]);

export type Capacity = z.infer<typeof Capacity>;
export type CityCode = z.infer<typeof CityCode>;
export type ScenarioId = z.infer<typeof ScenarioId>;
export type OutcomeId = z.infer<typeof OutcomeId>;
export type StatisticId = z.infer<typeof StatisticId>;
export type DimensionId = z.infer<typeof DimensionId>;
export type ModelId = z.infer<typeof ModelId>;
export type FacetId = z.infer<typeof FacetId>;
export type RunId = z.infer<typeof RunId>;
export type Sha256 = z.infer<typeof Sha256>;

/** One plot: a city under a scenario, one outcome summarised one way, split into panels by a facet. */
export interface PlotId {
  readonly city: CityCode;
  readonly scenario: ScenarioId;
  readonly outcome: OutcomeId;
  readonly statistic: StatisticId;
  readonly facet: FacetId;
}
