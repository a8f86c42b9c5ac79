/** Facets: which dimensions split a plot into panels. The one parser of them, and the one spelling. */
import { DimensionId, FacetId, type OutcomeId } from "../domain.ts";
import { UsageError } from "../errors.ts";
import { suggestion } from "../text/nearest.ts";
import type { Catalog, Outcome } from "./catalog.ts";
import { isNull } from "./null.ts";

/** The facet of a plot that is not split. */
const unfaceted: FacetId = FacetId.parse("none");

/** A facet in canonical spelling, or what is wrong with the text. */
export type FacetReading = { readonly facet: FacetId } | { readonly problem: string };

/**
 * Reads a facet as people write it: `none`, null or `~`, or dimensions in any order joined by `+`.
 * @param dimensions all dimensions, in the catalog's order, which is the order of the canonical spelling
 */
export function readFacet(text: string | null, dimensions: readonly string[]): FacetReading {
  const trimmed = text?.trim() ?? "none";
  if (trimmed === "none" || (isNull(trimmed) && !dimensions.includes(trimmed))) return { facet: unfaceted };

  const asked = trimmed.split("+").map((part) => part.trim());
  const about = asked.length > 1 ? ` in facet "${trimmed}"` : "";
  for (const part of asked) {
    if (part === "") return { problem: `"${text}" is not a facet; expected none, or dimensions joined by +` };
    if (part === "none") return { problem: `facet "${trimmed}" combines none with a dimension` };
    if (!dimensions.includes(part)) {
      const what = asked.length > 1 ? "dimension" : "facet";
      return {
        problem: `unknown ${what} "${part}"${about}${suggestion(part, candidates(part, dimensions, asked.length))}`,
      };
    }
  }
  const twice = asked.find((part, place) => asked.indexOf(part) !== place);
  if (twice !== undefined) return { problem: `facet "${trimmed}" names ${twice} twice` };
  return { facet: spell(dimensions.filter((dimension) => asked.includes(dimension))) };
}

/**
 * {@link readFacet} for one facet alone.
 * @throws UsageError with the nearest valid name
 */
export function parseFacet(text: string | null, dimensions: readonly string[]): FacetId {
  const reading = readFacet(text, dimensions);
  if ("problem" in reading) throw new UsageError(reading.problem);
  return reading.facet;
}

/** The dimensions of a canonical facet; none for `none`. */
export function facetDimensions(facet: FacetId): DimensionId[] {
  return facet === "none" ? [] : facet.split("+").map((part) => DimensionId.parse(part));
}

/** Whether the outcome is broken down by every dimension that the facet needs. */
export function applicable(outcome: Outcome, facet: FacetId): boolean {
  return facetDimensions(facet).every((dimension) => outcome.dimensions.includes(dimension));
}

/** Panels of a figure: one per combination of strata. Undefined where the catalog does not list them. */
export function panelCount(facet: FacetId, catalog: Pick<Catalog, "dimensions">): number | undefined {
  let panels = 1;
  for (const id of facetDimensions(facet)) {
    const strata = catalog.dimensions.get(id)?.strata;
    if (strata === undefined) return undefined;
    panels *= strata.length;
  }
  return panels;
}

/** Every facet of these dimensions: `none`, each alone, pairs, triples and so on, each group in the given order. */
export function allFacets(dimensions: readonly string[]): FacetId[] {
  let subsets: (readonly string[])[] = [[]];
  for (const dimension of dimensions.toReversed()) {
    subsets = [...subsets.map((subset) => [dimension, ...subset]), ...subsets];
  }
  return subsets.toSorted((one, other) => one.length - other.length).map(spell);
}

/** Which of a selection's combinations of outcome and facet can be drawn. */
export function applicableFacets(
  catalog: Pick<Catalog, "outcomes">,
  outcome: OutcomeId,
  facets: readonly FacetId[],
): FacetId[] {
  const known = catalog.outcomes.get(outcome);
  return known === undefined ? [] : facets.filter((facet) => applicable(known, facet));
}

function spell(dimensions: readonly string[]): FacetId {
  return dimensions.length === 0 ? unfaceted : FacetId.parse(dimensions.join("+"));
}

/** What may have been meant; a single word with another separator (`age,sex`) stands for several dimensions. */
function candidates(part: string, dimensions: readonly string[], parts: number): readonly string[] {
  if (parts > 1) return dimensions;
  return /[^A-Za-z0-9._]/.test(part) ? allFacets(dimensions) : [unfaceted, ...dimensions];
}
