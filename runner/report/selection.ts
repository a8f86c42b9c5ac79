/** The options that ask for a run's plots again. */
import type { CityCode } from "../domain.ts";
import type { RunRequest } from "../records.ts";

/**
 * `--city C.12580 --outcome new`, word by word.
 * @param cities for these alone; all of the request's where there are none
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

/** The same as text, each word after a blank, or nothing. */
export function selectionArguments(request: Pick<RunRequest, "only">, cities: readonly CityCode[]): string {
  return selectionWords(request, cities)
    .map((word) => ` ${word}`)
    .join("");
}
