/** Are the simulation files there that a selection needs? */
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Catalog, Selection } from "../catalog/catalog.ts";
import { inputPaths } from "../layout.ts";
import { count, plural } from "../words.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";

export async function checkInputs(catalog: Catalog, selection: Selection, data: string): Promise<Finding> {
  const paths = selection.cities.flatMap((city) => [
    inputPaths.baseline(catalog.model, city),
    ...selection.scenarios.map((scenario) => inputPaths.scenario(catalog.model, city, scenario)),
  ]);
  const there = await Promise.all(
    paths.map((path) =>
      access(join(data, path)).then(
        () => true,
        () => false,
      ),
    ),
  );
  const missing = paths.filter((_, place) => !there[place]);
  if (missing.length === 0) return ok("Inputs", `${plural(paths.length, "file")} in ${data}`);
  const detail = `${count(missing.length)} of ${plural(paths.length, "file")} missing in ${data}, such as ${missing[0]}`;
  const remedy = "put the simulation files there, or name their directory with --data; sample files: make demo";
  return missing.length === paths.length ? wrong("Inputs", detail, remedy) : warn("Inputs", detail, remedy);
}
