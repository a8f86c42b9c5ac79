/** What became of one city: its entry in the ledger and its lines of the manifest, worked out from what happened. */
import type { Quirk } from "../check/verdict.ts";
import type { PlotId, RunId } from "../domain.ts";
import { count, plural } from "../format/format.ts";
import { plotPath, plotTitle, rowKey, rowKeyOf } from "../layout.ts";
import type { CityPlan } from "../plan/plan.ts";
import type { AttemptRecord, CityRecord, CityState, IndexRow, ManifestLine } from "../records.ts";
import type { Reason } from "../render/attempt/reason.ts";
import { describeMissing } from "../report/missing.ts";
import { boundCityRecord } from "../report/record-size.ts";
import { cleanLine, firstOf } from "../text/clean.ts";

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
  /** Why plots never came. */
  readonly reason: Reason | undefined;
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
  return boundCityRecord({ run, city, state, counts, attempts: [], seconds: 0, why, remarks: [] });
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
    const reason = unavailable.get(path) ?? outcome.refused.get(path) ?? outcome.reason?.text ?? "was not drawn";
    return {
      ...plot,
      status: "missing",
      ...object(before.get(rowKeyOf(plot))),
      reason: cleanLine(reason),
    };
  });
  return { record: boundCityRecord(recordOf(run, plan, before, lines, outcome)), lines };
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
    ...reasonOf(missing, plan, outcome),
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

/** Reasons for single plots that are said, at most, with the number of the others. */
const shownRefusals = 4;

/** All that stood in the way: the kind of the first, and words for each; a plot's own reason names the plot. */
function reasonOf(
  missing: readonly PlotId[],
  plan: CityPlan,
  outcome: CityOutcome,
): Required<Pick<CityRecord, "reason" | "reasonKind">> {
  if (outcome.interrupted) {
    return { reason: "the run was stopped before this city was finished", reasonKind: "interrupted" };
  }
  const unavailable = [...new Set(plan.unavailable.map(({ reason }) => reason))].map(
    (text): Reason => ({ kind: "input-missing", text }),
  );
  const refused = missing.filter((plot) => outcome.refused.has(plotPath(plot)));
  const never = missing.length - refused.length - plan.unavailable.length;
  const rendering = outcome.reason !== undefined && (never > 0 || refused.length === 0) ? [outcome.reason] : [];
  const refusals = describeRefusals(refused, outcome).map((text): Reason => ({ kind: "refused", text }));
  const all = [...unavailable, ...rendering, ...refusals];
  const [first = { kind: "not-drawn", text: `${count(missing.length)} plots never came` } satisfies Reason] = all;
  return { reason: [first, ...all.slice(1)].map(({ text }) => text).join("; "), reasonKind: first.kind };
}

/** The commonest reason first, each with the number of plots that it holds for. */
function describeRefusals(plots: readonly PlotId[], { refused }: CityOutcome): string[] {
  const byReason = Map.groupBy(plots, (plot) => refused.get(plotPath(plot)) ?? "");
  const texts = [...byReason]
    .sort(([, some], [, others]) => others.length - some.length)
    .map(([reason, [first, ...others]]) => {
      const which = others.length === 0 && first ? plotTitle(first) : plural(others.length + 1, "plot");
      return `${which}: ${reason}`;
    });
  return firstOf(texts, shownRefusals, (more) => `and ${plural(more, "other reason")}`);
}

const shownExtras = 3;

function remarksOf({ quirks, extras, remarks }: CityOutcome): string[] {
  const named = extras.slice(0, shownExtras).map((file) => cleanLine(file));
  const rest = extras.length > shownExtras ? ", …" : "";
  return [
    ...(remarks ?? []),
    ...[...quirks].map(([quirk, plots]) => `tolerated in ${plural(plots, "plot")}: ${quirk}`),
    ...(extras.length === 0 ? [] : [`${plural(extras.length, "file")} nobody asked for: ${named.join(", ")}${rest}`]),
  ];
}
