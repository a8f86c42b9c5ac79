/** What became of one city: its entry in the ledger and its lines of the manifest, worked out from what happened. */
import type { Quirk } from "../check/verdict.ts";
import type { PlotId, RunId } from "../domain.ts";
import { plotPath, plotTitle, rowKey, rowKeyOf } from "../layout.ts";
import type { CityPlan } from "../plan/plan.ts";
import type { AttemptRecord, CityRecord, CityState, IndexRow, ManifestLine } from "../records.ts";
import { count, plural } from "../words.ts";
import { describeMissing } from "./missing.ts";

/** What rendering and publishing came to; absent for a city that was not rendered. */
export interface CityOutcome {
  readonly attempts: readonly AttemptRecord[];
  /** By plot path. */
  readonly published: ReadonlyMap<string, { readonly row: IndexRow; readonly changed: boolean }>;
  /** By plot path: why a plot that came was not published. */
  readonly refused: ReadonlyMap<string, string>;
  readonly quirks: ReadonlyMap<Quirk, number>;
  /** Output nobody asked for. */
  readonly extras: readonly string[];
  /** Why plots never came, in plain words. */
  readonly reason: string | undefined;
  readonly lastLines: readonly string[];
  /** Key of its log. */
  readonly log?: string;
  readonly remarks?: readonly string[];
  /** Stopped from outside: the city counts as not finished. */
  readonly interrupted: boolean;
}

export const notRendered: CityOutcome = {
  attempts: [],
  published: new Map(),
  refused: new Map(),
  quirks: new Map(),
  extras: [],
  reason: undefined,
  lastLines: [],
  interrupted: false,
};

/** The ledger's entry of a city that is waiting or at work. */
export function cityUnderWay(run: RunId, { city, expected, why }: CityPlan, state: "pending" | "running"): CityRecord {
  const counts = { expected: expected.length, changed: 0, unchanged: 0, skipped: 0, missing: expected.length };
  return { run, city, state, counts, attempts: [], seconds: 0, why, remarks: [] };
}

export interface CityResult {
  readonly record: CityRecord;
  readonly lines: readonly ManifestLine[];
}

/**
 * @param rows what readers saw before the run, of the plan's scenarios
 */
export function cityResult(run: RunId, plan: CityPlan, rows: readonly IndexRow[], outcome: CityOutcome): CityResult {
  const before = new Map(rows.map((row) => [rowKey(row), row]));
  const current = new Map(plan.current.map(({ plot, row }) => [plotPath(plot), row]));
  const unavailable = new Map(plan.unavailable.map(({ plot, reason }) => [plotPath(plot), reason]));
  const lines = plan.expected.map((plot): ManifestLine => {
    const path = plotPath(plot);
    const published = outcome.published.get(path);
    if (published && !outcome.interrupted) {
      return { ...plot, status: published.changed ? "changed" : "unchanged", ...object(published.row) };
    }
    const skipped = current.get(path);
    if (skipped) return { ...plot, status: "skipped", ...object(skipped) };
    const reason = unavailable.get(path) ?? outcome.refused.get(path) ?? outcome.reason ?? "was not drawn";
    return {
      ...plot,
      status: "missing",
      ...object(before.get(rowKeyOf(plot))),
      reason,
    };
  });
  return { record: recordOf(run, plan, before, lines, outcome), lines };
}

function object(row: IndexRow | undefined): Pick<ManifestLine, "key" | "sha256" | "bytes"> {
  return row === undefined ? {} : { key: row.s3_key, sha256: row.sha256, bytes: row.file_size };
}

function recordOf(
  run: RunId,
  plan: CityPlan,
  before: ReadonlyMap<string, IndexRow>,
  lines: readonly ManifestLine[],
  outcome: CityOutcome,
): CityRecord {
  const tally = (status: ManifestLine["status"]) => lines.filter((line) => line.status === status).length;
  const counts = {
    expected: lines.length,
    changed: tally("changed"),
    unchanged: tally("unchanged"),
    skipped: tally("skipped"),
    missing: tally("missing"),
  };
  const missing = plan.expected.filter((_, place) => lines[place]?.status === "missing");
  const record: CityRecord = {
    run,
    city: plan.city,
    state: stateOf(outcome, plan, counts),
    counts,
    attempts: [...outcome.attempts],
    seconds: outcome.attempts.reduce((sum, { seconds }) => sum + seconds, 0),
    why: plan.why,
    remarks: remarksOf(outcome),
  };
  if (outcome.log !== undefined) record.log = outcome.log;
  if (missing.length === 0) return record;
  const kept = missing.flatMap((plot) => before.get(rowKeyOf(plot)) ?? []);
  const newest = kept
    .map((row) => row.run_id)
    .sort()
    .at(-1);
  return {
    ...record,
    missing: describeMissing(missing, plan.expected),
    reason: outcome.interrupted
      ? "the run was stopped before this city was finished"
      : reasonOf(missing, plan, outcome),
    ...(newest === undefined ? {} : { kept: { plots: kept.length, run: newest } }),
    ...(outcome.lastLines.length === 0 ? {} : { lastLines: [...outcome.lastLines] }),
  };
}

function stateOf(outcome: CityOutcome, plan: CityPlan, counts: CityRecord["counts"]): CityState {
  if (outcome.interrupted) return "pending";
  if (plan.due.length === 0 && counts.missing === 0) return "skipped";
  if (counts.missing === 0) return "published";
  return counts.missing === counts.expected ? "failed" : "partial";
}

/** All that stood in the way, the commonest first; a plot's own reason names the plot. */
function reasonOf(missing: readonly PlotId[], plan: CityPlan, outcome: CityOutcome): string {
  const unavailable = [...new Set(plan.unavailable.map(({ reason }) => reason))];
  const refused = missing.filter((plot) => outcome.refused.has(plotPath(plot)));
  const byReason = Map.groupBy(refused, (plot) => outcome.refused.get(plotPath(plot)) ?? "");
  const refusals = [...byReason]
    .sort(([, some], [, others]) => others.length - some.length)
    .slice(0, 3)
    .map(([reason, plots]) => {
      const [first] = plots;
      const which = plots.length === 1 && first ? plotTitle(first) : `${plural(plots.length, "plot")}`;
      return `${which}: ${reason}`;
    });
  const never = missing.length - refused.length - plan.unavailable.length;
  const rendering = never > 0 || refused.length === 0 ? [outcome.reason] : [];
  const all = [...unavailable, ...rendering, ...refusals].filter((reason) => reason !== undefined);
  return all.length === 0 ? `${count(missing.length)} plots never came` : all.join("; ");
}

function remarksOf({ quirks, extras, remarks }: CityOutcome): string[] {
  return [
    ...(remarks ?? []),
    ...[...quirks].map(([quirk, plots]) => `tolerated in ${plural(plots, "plot")}: ${quirk}`),
    ...(extras.length === 0
      ? []
      : [
          `${plural(extras.length, "file")} nobody asked for: ${extras.slice(0, 3).join(", ")}${extras.length > 3 ? ", …" : ""}`,
        ]),
  ];
}
