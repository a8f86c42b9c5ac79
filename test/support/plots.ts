/** Plots and rows to test with. */
import {
  CityCode,
  FacetId,
  ModelId,
  OutcomeId,
  type PlotId,
  RunId,
  ScenarioId,
  Sha256,
  StatisticId,
} from "../../runner/domain.ts";
import { partitionKey, plotKey, sortKey } from "../../runner/layout.ts";
import type { IndexRow } from "../../runner/records.ts";

type Words = Partial<Record<keyof PlotId, string>>;

export function plotId(words: Words = {}): PlotId {
  return {
    city: CityCode.parse(words.city ?? "C.12580"),
    scenario: ScenarioId.parse(words.scenario ?? "cessation"),
    outcome: OutcomeId.parse(words.outcome ?? "incidence"),
    statistic: StatisticId.parse(words.statistic ?? "mean.and.interval"),
    facet: FacetId.parse(words.facet ?? "none"),
  };
}

export function sha256Of(letter: string): Sha256 {
  return Sha256.parse(letter.repeat(64));
}

export function rowOf(plot: PlotId, changes: Partial<IndexRow> = {}): IndexRow {
  const sha256 = changes.sha256 ?? sha256Of("a");
  return {
    city_scenario: partitionKey(plot.city, plot.scenario),
    outcome_stat_facet: sortKey(plot),
    outcome: plot.outcome,
    statistic_type: plot.statistic,
    facet_choice: plot.facet,
    s3_key: plotKey(ModelId.parse("ryan-white"), plot, sha256),
    file_size: 100,
    sha256,
    created_at: "2026-11-15T09:00:00.000Z",
    run_id: RunId.parse("2026-11-15T090000Z-full"),
    image: "local:1",
    input_fingerprint: sha256Of("f"),
    ...changes,
  };
}
