/** Finds the project file that a command belongs to, and reads it. */
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, UsageError } from "../errors.ts";
import { decodeUtf8, NotUtf8 } from "../text/utf8.ts";
import { type Project, parseProject, projectFileName } from "./project.ts";

/**
 * The project of a directory: the nearest `replot.yaml` in it or above. A file above counts only if it belongs to the
 * user or to the owner of the directory: the file names a program to run, and others may write to a directory such as /tmp.
 * @returns undefined where there is none
 * @throws UsageError where the file can't be read or is wrong
 */
export function findProject(directory: string): Project | undefined {
  const trusted = [process.getuid?.(), statSync(directory, { throwIfNoEntry: false })?.uid];
  for (let place = directory; ; place = dirname(place)) {
    const file = join(place, projectFileName);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() && (place === directory || trusted.includes(stats.uid))) return readProject(file);
    if (place === dirname(place)) return undefined;
  }
}

function readProject(file: string): Project {
  try {
    return parseProject(decodeUtf8(readFileSync(file)).text, file);
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    if (thrown instanceof NotUtf8) throw new UsageError(`${file} ${thrown.message}; save the file as UTF-8`);
    throw new UsageError(`${file} can't be read: ${messageOf(thrown)}`);
  }
}
