/** Plans one city: which of its plots must be rendered, and why. */
import type { Catalog, Selection } from "../catalog/catalog.ts";
import type { CityCode, PlotId, ScenarioId, Sha256 } from "../domain.ts";
import { inputPaths, rowKey, rowKeyOf } from "../layout.ts";
import type { IndexRow } from "../records.ts";
import type { CityInputs } from "../stores/ports.ts";
import { expectedPlots } from "./expected.ts";
import { fingerprint } from "./fingerprint.ts";
import { whyOf } from "./why.ts";

export interface CityPlanSources {
  readonly catalog: Catalog;
  readonly selection: Selection;
  readonly city: CityCode;
  readonly inputs: CityInputs;
  /** Its present rows, at least those of the selected scenarios. */
  readonly rows: readonly IndexRow[];
  /** Identity of the R image or program. */
  readonly image: string;
  /** Whether all plots are due, including current ones. */
  readonly force: boolean;
  /** Cities that the resumed run finished; a forced run does not repeat them. */
  readonly alreadyDone?: ReadonlySet<CityCode>;
}

/** The plan of one city. Each expected plot is either due, current or unavailable. */
export interface CityPlan {
  readonly city: CityCode;
  readonly inputs: CityInputs;
  readonly expected: readonly PlotId[];
  /** Plots to render. A city without any is skipped. */
  readonly due: readonly PlotId[];
  /** Plots whose row has the present fingerprint. */
  readonly current: readonly { readonly plot: PlotId; readonly row: IndexRow }[];
  /** Plots that can't be rendered because an input is missing; the reason names its path. */
  readonly unavailable: readonly { readonly plot: PlotId; readonly reason: string }[];
  /** The present fingerprint of each scenario that has all inputs. */
  readonly fingerprints: ReadonlyMap<ScenarioId, Sha256>;
  /** Why the city runs or is skipped, in plain words. */
  readonly why: string;
}

/** A plot with all inputs is due if its row lacks the present fingerprint, or if forced. */
export function planCity(sources: CityPlanSources): CityPlan {
  const { catalog, selection, city, inputs } = sources;
  const force = sources.force && sources.alreadyDone?.has(city) !== true;
  const expected = expectedPlots(catalog, selection, city);
  const fingerprints = presentFingerprints(sources);
  const rowOf = rowFinder(sources.rows);

  const due: PlotId[] = [];
  const current: { plot: PlotId; row: IndexRow }[] = [];
  const unavailable: { plot: PlotId; reason: string }[] = [];
  for (const plot of expected) {
    const row = rowOf(plot);
    const present = fingerprints.get(plot.scenario);
    if (present === undefined) unavailable.push({ plot, reason: missingInput(catalog, inputs, plot) });
    else if (!force && row?.input_fingerprint === present) current.push({ plot, row });
    else due.push(plot);
  }
  const why = whyOf({ ...sources, force, expected, due, current, unavailable, fingerprints, rowOf });
  return { city, inputs, expected, due, current, unavailable, fingerprints, why };
}

/** Finds a plot's present row. */
export type RowFinder = (plot: PlotId) => IndexRow | undefined;

function rowFinder(rows: readonly IndexRow[]): RowFinder {
  const byKey = new Map(rows.map((row) => [rowKey(row), row]));
  return (plot) => byKey.get(rowKeyOf(plot));
}

function presentFingerprints({ catalog, selection, city, inputs, image }: CityPlanSources): Map<ScenarioId, Sha256> {
  const { baseline } = inputs;
  const fingerprints = new Map<ScenarioId, Sha256>();
  for (const scenario of selection.scenarios) {
    const scenarioFile = inputs.scenarios.get(scenario);
    if (baseline === undefined || scenarioFile === undefined) continue;
    fingerprints.set(scenario, fingerprint({ image, baseline, scenarioFile, catalog, city, scenario }));
  }
  return fingerprints;
}

/** `baseline missing: simulations/…`. Without a baseline no plot of the city can be drawn. */
function missingInput({ model }: Catalog, inputs: CityInputs, { city, scenario }: PlotId): string {
  const [what, path] =
    inputs.baseline === undefined
      ? ["baseline", inputPaths.baseline(model, city)]
      : ["scenario", inputPaths.scenario(model, city, scenario)];
  return inputs.hidden?.get(path) ?? `${what} missing: ${path}`;
}
