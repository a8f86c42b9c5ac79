/**
 * Is this file the plot that was asked for? Decides about one figure, by the rules of the batch contract. Habits of
 * foreign images that cost a reader nothing are tolerated and named as quirks.
 */
import type { PlotId } from "../domain.ts";
import { messageOf } from "../errors.ts";
import { condense } from "./condense.ts";

/** What a figure must show to be the plot that was asked for. */
export interface Expectation {
  readonly plot: PlotId;
  /** The scenario's display name, as the legend has it. */
  readonly scenarioName: string;
  /** Panels the facet has; undefined where the catalog does not list its strata. */
  readonly panels: number | undefined;
  /** Largest figure allowed, in uncompressed bytes. */
  readonly maxBytes: number;
}

/** A habit that is tolerated. */
export type Quirk =
  | 'missing numbers written as "NA"'
  | "empty values written as {}"
  | "one-element arrays written as scalars"
  | "keys beside data and layout"
  | "pretty-printed"
  | "metadata values in one-element arrays"
  | "metadata file missing"
  | "metadata names a file that does not exist";

export type Verdict =
  | { readonly valid: true; readonly quirks: readonly Quirk[] }
  /** `reason` continues "the figure …". */
  | { readonly valid: false; readonly reason: string };

const baselineName = "Baseline";

/**
 * @param bytes the figure's file, as R wrote it
 */
export function checkFigure(bytes: Buffer, expected: Expectation): Verdict {
  if (bytes.length === 0) return refuse("is an empty file");
  if (bytes.length > expected.maxBytes) {
    return refuse(
      `has ${thousands(bytes.length)} bytes, more than the ${thousands(expected.maxBytes)} the catalog allows`,
    );
  }
  const text = bytes.toString("utf8");
  const quick = judge(condense(text), expected);
  // what looks like numbers within a name is cut, too; before a figure is refused, all of it is read
  return quick.valid ? quick : judge(text, expected);
}

function judge(text: string, expected: Expectation): Verdict {
  let figure: unknown;
  try {
    figure = JSON.parse(text);
  } catch (error) {
    return refuse(whyNotJson(text, error));
  }
  if (!isRecord(figure)) return refuse("is JSON, but not an object with data and layout");
  const data = figure["data"];
  const traces = (Array.isArray(data) ? data : isRecord(data) ? [data] : []).filter(isRecord);
  if (traces.length === 0) return refuse("has no traces");
  if (!hasFiniteNumber(named(traces, [baselineName]))) {
    return refuse(`has no ${baselineName} trace with a finite number in y`);
  }
  if (!hasFiniteNumber(named(traces, [expected.scenarioName, expected.plot.scenario]))) {
    return refuse(`has no trace named "${expected.scenarioName}" with a finite number in y`);
  }
  const panels = countPanels(traces);
  if (expected.panels !== undefined && panels !== expected.panels) {
    return refuse(`has ${panels} panels where facet ${expected.plot.facet} has ${expected.panels} strata`);
  }
  return { valid: true, quirks: quirksOf(text, figure, traces) };
}

function refuse(reason: string): Verdict {
  return { valid: false, reason };
}

function whyNotJson(text: string, error: unknown): string {
  if (/[[,:]\s*-?(NaN|Inf|Infinity)\b/.test(text)) return "is not JSON: it contains a bare NaN or Infinity";
  if (!text.trimEnd().endsWith("}")) return "is not JSON: it was cut off in the middle";
  return `is not JSON: ${messageOf(error)}`;
}

type Trace = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmptyRecord(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

/** A value, or the only element of an array of one: R's serializers do not tell them apart. */
function scalar(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function named(traces: readonly Trace[], names: readonly string[]): Trace[] {
  return traces.filter((trace) => {
    const name = scalar(trace["name"]);
    return typeof name === "string" && names.includes(name);
  });
}

function hasFiniteNumber(traces: readonly Trace[]): boolean {
  return traces.some(({ y }) => (Array.isArray(y) ? y.some(Number.isFinite) : Number.isFinite(y)));
}

/** A panel is a pair of axes that traces are drawn on. */
function countPanels(traces: readonly Trace[]): number {
  return new Set(traces.map((trace) => `${scalar(trace["xaxis"]) ?? "x"} ${scalar(trace["yaxis"]) ?? "y"}`)).size;
}

function quirksOf(text: string, figure: Trace, traces: readonly Trace[]): Quirk[] {
  const quirks: Quirk[] = [];
  if (text.includes('"NA"')) quirks.push('missing numbers written as "NA"');
  if (traces.some((trace) => [trace["x"], trace["y"], trace["name"]].some(isEmptyRecord))) {
    quirks.push("empty values written as {}");
  }
  if (traces.some(({ x, y }) => isScalar(x) || isScalar(y)) || isRecord(figure["data"])) {
    quirks.push("one-element arrays written as scalars");
  }
  if (Object.keys(figure).some((key) => key !== "data" && key !== "layout")) quirks.push("keys beside data and layout");
  if (/^\{\s*\n/.test(text)) quirks.push("pretty-printed");
  return quirks;
}

function isScalar(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string";
}

function thousands(count: number): string {
  return count.toLocaleString("en-US");
}
