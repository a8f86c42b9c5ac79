/** Does the metadata beside a figure say that it is the plot that was asked for? */
import { z } from "zod";
import { parseFacet } from "../catalog/facet.ts";
import type { DimensionId, PlotId } from "../domain.ts";
import { plotTitle } from "../layout.ts";
import type { Quirk, Verdict } from "./figure.ts";

/** A text, or an array that holds one: images write both. */
const Text = z.union([z.string(), z.tuple([z.string()])]);
const Facet = z.union([z.string(), z.array(z.string()), z.null()]);

const Metadata = z.looseObject({
  city: Text.optional(),
  scenario: Text.optional(),
  outcome: Text.optional(),
  statistic_type: Text.optional(),
  facet_choice: Facet.optional(),
});

/**
 * @param text the metadata file's content; undefined where the image wrote none
 * @param dimensions the catalog's, in its order
 */
export function checkMetadata(text: string | undefined, plot: PlotId, dimensions: readonly DimensionId[]): Verdict {
  if (text === undefined) return { valid: true, quirks: ["metadata file missing"] };
  let metadata: z.infer<typeof Metadata>;
  try {
    metadata = Metadata.parse(JSON.parse(text));
  } catch {
    return { valid: false, reason: "has a metadata file that cannot be read" };
  }
  const claimed: [string, string | undefined][] = [
    [plot.city, first(metadata.city)],
    [plot.scenario, first(metadata.scenario)],
    [plot.outcome, first(metadata.outcome)],
    [plot.statistic, first(metadata.statistic_type)],
  ];
  const wrong = claimed.find(([asked, said]) => said !== undefined && said !== asked);
  if (wrong)
    return { valid: false, reason: `says in its metadata that it shows "${wrong[1]}", not ${plotTitle(plot)}` };
  if (metadata.facet_choice !== undefined && !sameFacet(metadata.facet_choice, plot, dimensions)) {
    return {
      valid: false,
      reason: `says in its metadata that its facet is ${JSON.stringify(metadata.facet_choice)}, not ${plot.facet}`,
    };
  }
  const quirks: Quirk[] = Array.isArray(metadata.outcome) ? ["metadata values in one-element arrays"] : [];
  return { valid: true, quirks };
}

function first(value: string | [string] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function sameFacet(said: string | string[] | null, plot: PlotId, dimensions: readonly DimensionId[]): boolean {
  const text = Array.isArray(said) ? said.join("+") : said;
  try {
    // R writes the facet "none" as a missing value in several spellings
    return parseFacet(text === "" || text === "NA" ? "none" : text, dimensions) === plot.facet;
  } catch {
    return false;
  }
}
