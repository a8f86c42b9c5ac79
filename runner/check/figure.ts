/**
 * Checks that a figure is the plot that was requested, by the rules of the batch contract. Deviations that do not affect
 * readers are accepted and reported as quirks.
 */
import type { PlotId } from "../domain.ts";
import { count } from "../format/format.ts";
import { type DecodedText, decodeUtf8, NotUtf8 } from "../text/utf8.ts";
import { whyNotJson } from "./json.ts";
import { asText, isEmptyObject, isNamed, isObject, type JsonObject, single } from "./lenient.ts";
import { stripNumericArrays } from "./strip-numeric-arrays.ts";
import type { TitleCheck } from "./titles.ts";
import { holdsFiniteNumber, typedArray } from "./typed-array.ts";
import { type Quirk, refuse, type Verdict } from "./verdict.ts";

/** The properties of a figure that {@link checkFigure} requires. */
export interface Expectation {
  readonly plot: PlotId;
  /** The scenario's display name, which the legend shows. */
  readonly scenarioName: string;
  /** Number of panels of the facet; undefined if the catalog does not list the strata. */
  readonly panels: number | undefined;
  /** Maximum size of the figure in uncompressed bytes. */
  readonly maxBytes: number;
  /** Checks that titles do not name another outcome. If absent, titles are not checked. */
  readonly titles?: TitleCheck;
}

const baselineName = "Baseline";

/** @param bytes content of the figure's file, as R wrote it */
export function checkFigure(bytes: Buffer, expected: Expectation): Verdict {
  if (bytes.length === 0) return refuse("size", "is an empty file");
  if (bytes.length > expected.maxBytes) {
    return refuse(
      "size",
      `has ${count(bytes.length)} bytes, more than the ${count(expected.maxBytes)} the catalog allows`,
    );
  }
  let decoded: DecodedText;
  try {
    decoded = decodeUtf8(bytes);
  } catch (error) {
    if (error instanceof NotUtf8) return refuse("json", error.message);
    throw error;
  }
  const quick = judge(stripNumericArrays(decoded.text), expected);
  // stripping also changes names that contain an array of numbers, so a figure is refused only after a check of its full text
  const verdict = quick.valid ? quick : judge(decoded.text, expected);
  if (!verdict.valid || !decoded.byteOrderMark) return verdict;
  return { valid: true, quirks: [...verdict.quirks, "file begins with a byte-order mark"] };
}

function judge(text: string, expected: Expectation): Verdict {
  let figure: unknown;
  try {
    figure = JSON.parse(text);
  } catch (error) {
    return refuse("json", whyNotJson(text, error));
  }
  if (!isObject(figure)) return refuse("json", "is JSON, but not an object with data and layout");
  const data = figure["data"];
  const traces = (Array.isArray(data) ? data : [data]).filter(isObject);
  if (traces.length === 0) return refuse("traces", "has no traces");
  if (!hasFiniteNumber(named(traces, [baselineName]))) {
    return refuse("traces", `has no ${baselineName} trace with a finite number in y`);
  }
  if (!hasFiniteNumber(named(traces, [expected.scenarioName, expected.plot.scenario]))) {
    return refuse("traces", `has no trace named "${expected.scenarioName}" with a finite number in y`);
  }
  const panels = countPanels(traces);
  if (expected.panels !== undefined && panels !== expected.panels) {
    return refuse("panels", `has ${panels} panels where facet ${expected.plot.facet} has ${expected.panels} strata`);
  }
  const wrongTitle = expected.titles?.(figure["layout"], expected.plot.outcome);
  if (wrongTitle !== undefined) return refuse("titles", wrongTitle);
  return { valid: true, quirks: quirksOf(text, figure, traces) };
}

function named(traces: readonly JsonObject[], names: readonly string[]): JsonObject[] {
  // cached, because a figure of individual draws has thousands of traces with two names
  const known = new Map<unknown, boolean>();
  return traces.filter((trace) => {
    const said = single(trace["name"]);
    const before = known.get(said);
    if (before !== undefined) return before;
    const matches = names.some((name) => isNamed(said, name));
    known.set(said, matches);
    return matches;
  });
}

function hasFiniteNumber(traces: readonly JsonObject[]): boolean {
  return traces.some(({ y }) => {
    if (Array.isArray(y) && y.some(Number.isFinite)) return true;
    const only = single(y);
    const typed = typedArray(only);
    return typed === undefined ? Number.isFinite(only) : holdsFiniteNumber(typed);
  });
}

/** A panel is a pair of axes that has traces. */
function countPanels(traces: readonly JsonObject[]): number {
  return new Set(traces.map((trace) => `${asText(trace["xaxis"]) ?? "x"} ${asText(trace["yaxis"]) ?? "y"}`)).size;
}

function quirksOf(text: string, figure: JsonObject, traces: readonly JsonObject[]): Quirk[] {
  const quirks: Quirk[] = [];
  if (text.includes('"NA"')) quirks.push('missing numbers written as "NA"');
  if (traces.some((trace) => [trace["x"], trace["y"], trace["name"]].some(isEmptyObject))) {
    quirks.push("empty values written as {}");
  }
  if (traces.some(({ x, y }) => isScalar(x) || isScalar(y)) || isObject(figure["data"])) {
    quirks.push("one-element arrays written as scalars");
  }
  if (Object.keys(figure).some((key) => key !== "data" && key !== "layout")) quirks.push("keys beside data and layout");
  if (/^\{\s*\n/.test(text)) quirks.push("pretty-printed");
  return quirks;
}

function isScalar(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string";
}
