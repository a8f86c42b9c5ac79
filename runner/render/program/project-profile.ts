/**
 * The R profile of the project that a script belongs to. R reads a `.Rprofile` in its working directory only, and works
 * in the data directory; a project with renv has its library from there.
 */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownFiles, type Program } from "./program.ts";
import { isFile, isScript } from "./program-files.ts";

/**
 * The nearest `.Rprofile` in the directory of the program's script or above. One above the script counts only if it has
 * the script's owner: others may write to a directory such as /tmp.
 * @returns its path; undefined where there is none but the user's own, which R finds by itself
 */
export async function projectProfile(program: Program): Promise<string | undefined> {
  for (const file of ownFiles(program)) {
    if (!(await isScript(file))) continue;
    const { uid } = await stat(file);
    for (let directory = dirname(file); directory !== homedir(); directory = dirname(directory)) {
      const profile = join(directory, ".Rprofile");
      if ((await isFile(profile)) && (directory === dirname(file) || (await stat(profile)).uid === uid)) return profile;
      if (directory === dirname(directory)) break;
    }
  }
  return undefined;
}

/**
 * Variables by which R reads the project's profile when it starts, in the project's directory, as it does there by hand.
 * @param environment of which a profile that somebody has chosen is left alone
 */
export async function profileVariables(program: Program, environment: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const profile = environment["R_PROFILE_USER"] ? undefined : await projectProfile(program);
  if (profile === undefined) return {};
  const start = fileURLToPath(new URL("project-profile.R", import.meta.url));
  return { R_PROFILE_USER: start, REPLOT_PROJECT_PROFILE: profile };
}
