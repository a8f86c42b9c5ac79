/** Facets: the dimensions that split a plot into panels. All parsing and spelling of facets is here. */
import { DimensionId, FacetId, type OutcomeId } from "../domain.ts";
import { UsageError } from "../errors.ts";
import { suggestion } from "../text/nearest.ts";
import type { Catalog, Outcome } from "./catalog.ts";
import { isNull } from "./null.ts";

/** The facet of a plot with one panel. */
const unfaceted: FacetId = FacetId.parse("none");

/** A facet in canonical spelling, or why the text is not a facet. */
export type FacetReading = { readonly facet: FacetId } | { readonly problem: string };

/**
 * Parses a facet as users write it: `none`, null or `~`, or dimensions in any order joined by `+`.
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
 * Parses a facet like {@link readFacet}.
 * @throws UsageError that suggests the nearest valid name
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

/** Whether the outcome is broken down by every dimension of the facet. */
export function applicable(outcome: Outcome, facet: FacetId): boolean {
  return facetDimensions(facet).every((dimension) => outcome.dimensions.includes(dimension));
}

/** Number of panels of a figure: one per combination of strata. Undefined if the catalog does not list the strata. */
export function panelCount(facet: FacetId, catalog: Pick<Catalog, "dimensions">): number | undefined {
  let panels = 1;
  for (const id of facetDimensions(facet)) {
    const strata = catalog.dimensions.get(id)?.strata;
    if (strata === undefined) return undefined;
    panels *= strata.length;
  }
  return panels;
}

/** Every facet of these dimensions: `none`, single dimensions, pairs, triples and so on, each in the given order. */
export function allFacets(dimensions: readonly string[]): FacetId[] {
  let subsets: (readonly string[])[] = [[]];
  for (const dimension of dimensions.toReversed()) {
    subsets = [...subsets.map((subset) => [dimension, ...subset]), ...subsets];
  }
  return subsets.toSorted((one, other) => one.length - other.length).map(spell);
}

/** The facets that apply to an outcome. */
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

/** Names to suggest. A single word with another separator (`age,sex`) may mean a facet of several dimensions. */
function candidates(part: string, dimensions: readonly string[], parts: number): readonly string[] {
  if (parts > 1) return dimensions;
  return /[^A-Za-z0-9._]/.test(part) ? allFacets(dimensions) : [unfaceted, ...dimensions];
}
