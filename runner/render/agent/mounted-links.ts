/** Links that a container can't follow: it sees the inputs' directory alone, and nothing of what lies outside. */
import { readlink } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Inputs } from "../../stores/ports.ts";

/** Links that lead to links, at most, as the kernel counts them. */
const mostLinks = 40;

export interface OutwardLink {
  /** Of the link itself, relative to the mounted directory. */
  readonly path: string;
  /** As the link has it. */
  readonly target: string;
}

/**
 * The first link on the way to a file that leads out of a directory which is mounted elsewhere. An absolute one always
 * does: its path means nothing there.
 * @param path relative to the directory
 * @returns undefined where there is none
 */
export async function outwardLink(directory: string, path: string): Promise<OutwardLink | undefined> {
  const done: string[] = [];
  const rest = path.split("/");
  let latest: OutwardLink | undefined;
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (done.pop() === undefined) return latest;
      continue;
    }
    const target = await readlink(join(directory, ...done, name)).catch(() => undefined);
    if (target === undefined) {
      done.push(name);
      continue;
    }
    latest = { path: [...done, name].join("/"), target };
    links += 1;
    if (isAbsolute(target) || links > mostLinks) return latest;
    rest.unshift(...target.split("/"));
  }
  return undefined;
}

/** What `simulations/…` is called in the data directory, and where R finds it. */
const mounted = "simulations";

/**
 * Why a container can't read an input, in words.
 * @param data the data directory
 * @param path of the input below it
 * @returns undefined where no link is in the way
 */
export async function hiddenByLink(data: string, path: string): Promise<string | undefined> {
  const link = await outwardLink(join(data, mounted), path.slice(mounted.length + 1));
  if (link === undefined) return undefined;
  return `${mounted}/${link.path} is a link to ${link.target}, which a container cannot follow`;
}

/** Inputs as a container sees them: files behind a link that it can't follow are not there, and it is said why. */
export function inputsInContainer(inputs: Inputs, data: string): Inputs {
  return {
    ...inputs,
    async describe(city, scenarios) {
      const { baseline, scenarios: found } = await inputs.describe(city, scenarios);
      const hidden = new Map<string, string>();
      for (const { path } of [...(baseline ? [baseline] : []), ...found.values()]) {
        const why = await hiddenByLink(data, path);
        if (why !== undefined) hidden.set(path, why);
      }
      return {
        baseline: baseline && hidden.has(baseline.path) ? undefined : baseline,
        scenarios: new Map([...found].filter(([, { path }]) => !hidden.has(path))),
        hidden,
      };
    },
  };
}
