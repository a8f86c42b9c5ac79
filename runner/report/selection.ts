/** Command-line options that select the plots of a request. */
import type { CityCode } from "../domain.ts";
import type { RunRequest } from "../records.ts";

/**
 * `--city C.12580 --outcome new` as a list of words.
 * @param cities cities to select; if empty, those of the request
 */
export function selectionWords({ only }: Pick<RunRequest, "only">, cities: readonly CityCode[] = []): string[] {
  const lists = {
    city: cities.length > 0 ? cities : only.cities,
    scenario: only.scenarios,
    outcome: only.outcomes,
    statistic: only.statistics,
    facet: only.facets,
  };
  return Object.entries(lists).flatMap(([option, values]) => (values ?? []).flatMap((value) => [`--${option}`, value]));
}

/** The words of {@link selectionWords} as text, each with a blank before it. */
export function selectionArguments(request: Pick<RunRequest, "only">, cities: readonly CityCode[]): string {
  return selectionWords(request, cities)
    .map((word) => ` ${word}`)
    .join("");
}
