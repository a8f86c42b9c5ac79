/** A small project that draws at once: catalog, program, inputs and project file, copied from `templates/`. */

import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { messageOf, systemCode, UsageError } from "../errors.ts";

/** Languages in which there is a program. */
export const languages = ["r", "python"] as const;
export type Language = (typeof languages)[number];

const templates = join(import.meta.dirname, "templates");

/**
 * Writes the project. A file that is there already is never overwritten.
 * @param directory absolute; it is made where it does not exist
 * @returns the paths of the files, relative to the directory
 * @throws UsageError that names what is there already, before anything is written, or why a file can't be written
 */
export async function writeExampleProject(directory: string, language: Language): Promise<string[]> {
  const files = new Map([...(await filesOf("common")), ...(await filesOf(language))]);
  const present: string[] = [];
  for (const path of files.keys()) if (await exists(join(directory, path))) present.push(path);
  if (present.length > 0) {
    throw new UsageError(
      `${directory} has ${present.join(", ")} already, and nothing was written; name another directory`,
    );
  }
  try {
    for (const [path, template] of files) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await copyFile(template, join(directory, path), constants.COPYFILE_EXCL);
    }
  } catch (thrown) {
    throw new UsageError(`the project can't be written to ${directory}: ${messageOf(thrown)}`);
  }
  return [...files.keys()].toSorted();
}

/** The files of a folder of templates, by their path in a project. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(join(templates, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [relative(join(templates, folder), file), file]));
}

/** Whether anything has this name, a link that leads nowhere included. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw new UsageError(`${path} can't be looked at: ${messageOf(thrown)}`);
  }
}
