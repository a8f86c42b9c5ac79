/** Groups equal texts of several cities, so that a report contains each once. */
import type { CityCode } from "../domain.ts";
import { plural } from "../format/format.ts";

export interface Alike<T> {
  readonly items: readonly [T, ...T[]];
  /** Their common text; `<city>` replaces the city codes if the texts differ only in these. */
  readonly text: string;
}

/**
 * Groups items whose texts are equal except for the code of their own city, in order of first occurrence.
 * @param also another property that must be equal within a group
 */
export function groupAlike<T>(
  items: readonly T[],
  cityOf: (item: T) => CityCode,
  textOf: (item: T) => string,
  also: (item: T) => string = () => "",
): Alike<T>[] {
  const general = (item: T) => withoutCity(textOf(item), cityOf(item));
  const groups = Map.groupBy(items, (item) => `${also(item)}\n${general(item)}`);
  return [...groups.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const text = textOf(first);
    return [{ items: [first, ...rest], text: rest.every((item) => textOf(item) === text) ? text : general(first) }];
  });
}

/** Replaces a city's code if it is a whole word or part of a file name. */
function withoutCity(text: string, city: CityCode): string {
  const code = city.replaceAll(".", String.raw`\.`);
  return text.replaceAll(new RegExp(`(?<![A-Za-z0-9.])${code}(?![A-Za-z0-9])`, "g"), "<city>");
}

/** `C.12580, C.33100` or `27 cities`. */
export function nameCities(cities: readonly CityCode[]): string {
  return cities.length <= 3 ? cities.join(", ") : plural(cities.length, "city", "cities");
}
