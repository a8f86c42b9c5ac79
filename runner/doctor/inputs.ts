/** Are the simulation files there that a selection needs, and can R read them where it will run? */
import { access, constants } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Catalog, Selection } from "../catalog/catalog.ts";
import type { CityCode } from "../domain.ts";
import { count, plural } from "../format/format.ts";
import { inputPaths } from "../layout.ts";
import { type ContainerOptions, unreadableInContainer } from "../render/agent/container-agent.ts";
import { hiddenByLink } from "../render/agent/mounted-links.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";

/** Looks at input files from where R will run. @returns why R can't read them, by path; `missing` of files that aren't there */
export type LookAtInputs = (paths: readonly string[]) => Promise<ReadonlyMap<string, string>>;

const missing = "missing";

/** Looks at the files of a data directory on this machine. */
export function lookHere(data: string): LookAtInputs {
  const why = async (path: string): Promise<string | undefined> => {
    const file = join(data, path);
    if (await allows(file, constants.R_OK)) return undefined;
    return (await allows(file, constants.F_OK)) ? `${path} may not be read by this user` : missing;
  };
  return async (paths) => {
    const reasons = await Promise.all(paths.map(why));
    return new Map(
      paths.flatMap((path, place) => (reasons[place] === undefined ? [] : [[path, reasons[place]] as const])),
    );
  };
}

/** Looks at the files of a data directory from inside a container that gets them mounted. */
export function lookInContainer(container: ContainerOptions, data: string): LookAtInputs {
  return async (paths) => {
    const found = new Map(await lookHere(data)(paths));
    for (const path of paths) {
      const why = found.get(path) === missing ? undefined : await hiddenByLink(data, path);
      if (why !== undefined) found.set(path, why);
    }
    const others = paths.filter((path) => !found.has(path));
    if (others.length === 0) return found;
    const below = new Map(others.map((path) => [relative("simulations", path), path]));
    for (const name of await unreadableInContainer(container, [...below.keys()])) {
      const path = below.get(name);
      if (path !== undefined) found.set(path, `${path} may not be read by the image's user`);
    }
    return found;
  };
}

export async function checkInputs(
  catalog: Catalog,
  selection: Selection,
  data: string,
  look: LookAtInputs,
): Promise<Finding[]> {
  const paths = selection.cities.flatMap((city) => inputsOf(catalog, selection, city));
  const found = await look(paths);
  const absent = paths.filter((path) => found.get(path) === missing);
  const unreadable = paths.filter((path) => found.has(path) && found.get(path) !== missing);
  const remedy = "put the simulation files there, or name their directory with --data; sample files: make demo";
  const presence = describeInputs(paths, absent, data, remedy);
  const [first] = unreadable;
  if (first === undefined) return [presence];
  const detail = `R cannot read ${count(unreadable.length)} of ${plural(paths.length, "file")}: ${found.get(first)}`;
  const mend =
    "copy the files into the data directory (cp -L), let simulations/ itself be the link, or let R's user read them";
  const state = unreadable.length + absent.length === paths.length ? wrong : warn;
  return [presence, state("Inputs for R", detail, mend)];
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

/** The first city all of whose inputs R can read. */
export async function findDrawableCity(
  catalog: Catalog,
  selection: Selection,
  look: LookAtInputs,
): Promise<CityCode | undefined> {
  for (const city of selection.cities) {
    if ((await look(inputsOf(catalog, selection, city))).size === 0) return city;
  }
  return undefined;
}

/** Paths of the files that a city is drawn from. */
export function inputsOf({ model }: Catalog, { scenarios }: Selection, city: CityCode): string[] {
  return [inputPaths.baseline(model, city), ...scenarios.map((scenario) => inputPaths.scenario(model, city, scenario))];
}

function allows(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
