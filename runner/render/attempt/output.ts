/** What lies in an attempt's output directory, set against what was asked for. */
import { lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import type { PlotId } from "../../domain.ts";
import { plotPath } from "../../layout.ts";

/** A plot that R has finished, with its files at their contract paths. */
export interface FinishedPlot {
  readonly plot: PlotId;
  /** Path of the figure. */
  readonly figure: string;
  /** Path of the metadata file, where R wrote one. */
  readonly metadata?: string;
  /** Path of the HTML page, where one was asked for and written. */
  readonly html?: string;
}

/** Where the batch contract puts a plot's files, below the output directory. */
export function contractPaths(plot: PlotId): { figure: string; metadata: string; html: string } {
  const path = plotPath(plot);
  return { figure: `${path}.json`, metadata: `${path}_metadata.json`, html: `${path}.html` };
}

/** Whether a file beside the plots is one that their pages share: `plotly.min.js`. */
export function isSharedFile(name: string): boolean {
  return /^[A-Za-z0-9._-]+\.js$/.test(name);
}

/**
 * Finds what R has put in a directory's place: a link there would lead reading and removing out of the work directory.
 * @param path of a directory below `directory`, relative to it, with `/` between the parts
 * @returns the first, of `directory` and those that lead to `path`, that is there but is no directory itself
 */
export function impostor(directory: string, path: string): string | undefined {
  let place = directory;
  for (const part of ["", ...path.split("/")]) {
    place = join(place, part);
    try {
      // several times a plot: a look that does not leave the thread costs a tenth
      if (!lstatSync(place).isDirectory()) return place;
    } catch {
      // gone, or closed to us: whoever wants to use it will see
      return undefined;
    }
  }
  return undefined;
}

/** Files of a directory tree, relative to it, with `/` between the parts. Links are not followed. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(directory.length + 1)
        .replaceAll(sep, "/"),
    )
    .sort();
}

/**
 * Files that nobody asked for. What belongs to an asked plot is none, nor do the companions of a plot nobody asked for
 * count beside it.
 */
export function extraFiles(found: readonly string[], asked: readonly PlotId[]): string[] {
  const companions = new Set(asked.flatMap((plot) => Object.values(contractPaths(plot))));
  const extras = found.filter((file) => !companions.has(file));
  const all = new Set(extras);
  return extras.filter((file) => {
    const figure = file.replace(/_metadata\.json$|\.html$/, ".json");
    return figure === file || !all.has(figure);
  });
}
