/** Checks that the metadata beside a figure describes the plot that was requested. */
import { readFacet } from "../catalog/facet.ts";
import type { DimensionId, PlotId } from "../domain.ts";
import { type DecodedText, decodeUtf8, NotUtf8 } from "../text/utf8.ts";
import { whyNotJson } from "./json.ts";
import { asText, isBlank, isEmptyObject, isNamed, isObject, type JsonObject, single } from "./lenient.ts";
import { type Quirk, refuse, type Verdict } from "./verdict.ts";

/**
 * Checks a metadata file. All fields are optional.
 * @param bytes content of the file; undefined if the image wrote none
 * @param dimensions dimensions of the catalog, in its order
 */
export function checkMetadata(
  bytes: Uint8Array | undefined,
  plot: PlotId,
  dimensions: readonly DimensionId[],
): Verdict {
  if (bytes === undefined) return { valid: true, quirks: ["metadata file missing"] };
  let decoded: DecodedText;
  try {
    decoded = decodeUtf8(bytes);
  } catch (error) {
    if (error instanceof NotUtf8) return refuse("metadata", `has a metadata file that ${error.message}`);
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(decoded.text);
  } catch (error) {
    return refuse("metadata", `has a metadata file that ${whyNotJson(decoded.text, error)}`);
  }
  const metadata = isBlank(json) ? {} : single(json);
  if (!isObject(metadata)) return refuse("metadata", "has a metadata file that is JSON, but not an object");

  const wrong = disagreement(metadata, plot, dimensions);
  if (wrong !== undefined) return refuse("metadata", `says in its metadata ${wrong}`);
  return { valid: true, quirks: quirksOf(metadata, decoded) };
}

/** Metadata fields that identify a plot, with the part of the plot that each names. */
const codes = { city: "city", scenario: "scenario", outcome: "outcome", statistic_type: "statistic" } as const;

/** Describes the first field that differs from the plot; undefined if none does. */
function disagreement(metadata: JsonObject, plot: PlotId, dimensions: readonly DimensionId[]): string | undefined {
  for (const [field, part] of Object.entries(codes)) {
    const value = metadata[field];
    if (isBlank(value) || isNamed(value, plot[part])) continue;
    const said = asText(value) ?? value;
    return `that its ${part} is ${JSON.stringify(said)}, not ${plot[part]}`;
  }
  const facet = metadata["facet_choice"];
  if (facet === undefined || isFacet(facet, plot, dimensions)) return undefined;
  return `that its facet is ${JSON.stringify(facet)}, not ${plot.facet}`;
}

/** R writes the facet `none` as a missing value, and other facets as one text or as a list of dimensions. */
function isFacet(value: unknown, plot: PlotId, dimensions: readonly DimensionId[]): boolean {
  if (isBlank(value)) return plot.facet === "none";
  const parts = (Array.isArray(value) ? value : [value]).map(
    (part) => dimensions.find((dimension) => isNamed(part, dimension)) ?? asText(part),
  );
  if (parts.includes(undefined)) return false;
  const reading = readFacet(parts.join("+"), dimensions);
  return "facet" in reading && reading.facet === plot.facet;
}

function quirksOf(metadata: JsonObject, { byteOrderMark }: DecodedText): Quirk[] {
  const values = Object.keys(codes).map((field) => metadata[field]);
  const quirks: Quirk[] = [];
  if (values.some((value) => Array.isArray(value))) quirks.push("metadata values in one-element arrays");
  if (values.some((value) => typeof single(value) === "number")) quirks.push("metadata codes written as numbers");
  if (Object.values(metadata).some(isEmptyObject)) quirks.push("empty values written as {}");
  if (byteOrderMark) quirks.push("file begins with a byte-order mark");
  return quirks;
}
