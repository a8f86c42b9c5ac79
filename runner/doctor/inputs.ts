/** Are the simulation files there that a selection needs? */
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Catalog, Selection } from "../catalog/catalog.ts";
import type { CityCode } from "../domain.ts";
import { inputPaths } from "../layout.ts";
import { count, plural } from "../words.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";

export async function checkInputs(catalog: Catalog, selection: Selection, data: string): Promise<Finding> {
  const paths = selection.cities.flatMap((city) => inputsOf(catalog, selection, city));
  const there = await Promise.all(paths.map((path) => isThere(join(data, path))));
  const missing = paths.filter((_, place) => !there[place]);
  const remedy = "put the simulation files there, or name their directory with --data; sample files: make demo";
  return describeInputs(paths, missing, data, remedy);
}

/** @param where in words: a directory or a bucket */
export function describeInputs(
  paths: readonly string[],
  missing: readonly string[],
  where: string,
  remedy: string,
): Finding {
  if (missing.length === 0) return ok("Inputs", `${plural(paths.length, "file")} in ${where}`);
  const detail = `${count(missing.length)} of ${plural(paths.length, "file")} missing in ${where}, such as ${missing[0]}`;
  return missing.length === paths.length ? wrong("Inputs", detail, remedy) : warn("Inputs", detail, remedy);
}

/** The first city whose inputs are all there. */
export async function findDrawableCity(
  catalog: Catalog,
  selection: Selection,
  data: string,
): Promise<CityCode | undefined> {
  for (const city of selection.cities) {
    const there = await Promise.all(inputsOf(catalog, selection, city).map((path) => isThere(join(data, path))));
    if (there.every(Boolean)) return city;
  }
  return undefined;
}

/** Paths of the files that a city is drawn from. */
export function inputsOf({ model }: Catalog, { scenarios }: Selection, city: CityCode): string[] {
  return [inputPaths.baseline(model, city), ...scenarios.map((scenario) => inputPaths.scenario(model, city, scenario))];
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
