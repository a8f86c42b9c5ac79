/** Names what draws on this machine by its content, so that plots of an older program are recognised as such. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { systemCode } from "../../errors.ts";
import { isGone } from "../agent/work-directory.ts";
import { type Program, takesText } from "./program.ts";
import { filesBelow, isFile, isScript, packageFiles, packageOf, scriptsNear } from "./program-files.ts";
import { projectProfile } from "./project-profile.ts";

/** What is known of a program before it is started. */
export interface ProgramDescription {
  /** `local:<16 hexadecimal digits>` */
  readonly identity: string;
  /** What a person should know: files that replot can't watch for changes. */
  readonly remarks: readonly string[];
}

/**
 * Describes a program. Its identity is a digest of the content of each file that its command names, of the scripts
 * beside and below it or of its R package, of its project's R profile, and of what `--watch` names; of the version of R
 * where R is called. It does not depend on where these files lie.
 * @param mostNames names to look at below a script's directory
 */
export async function describeProgram(program: Program, mostNames = 10_000): Promise<ProgramDescription> {
  const hash = createHash("sha256");
  const remarks = await unwatched(program);
  for (const [place, { written, file }] of program.words.entries()) {
    // the name of a file does not count, only its content: a checkout elsewhere draws the same
    hash.update(`word ${file === undefined ? written : "file"}\0`);
    if (place === 0 && isR(written)) hash.update(`${await versionOf(written)}\0`);
    else if (file !== undefined) remarks.push(...(await addFile(hash, file, mostNames)));
  }
  const profile = await projectProfile(program);
  if (profile !== undefined) {
    hash.update("profile\0");
    for (const part of [profile, join(dirname(profile), "renv.lock")]) hash.update(await digestOf(part));
  }
  for (const path of program.watch) {
    hash.update("watch\0");
    if (await isFile(path)) hash.update(await digestOf(path));
    else await addAll(hash, await filesBelow(path));
  }
  return { identity: `local:${hash.digest("hex").slice(0, 16)}`, remarks };
}

type Hash = ReturnType<typeof createHash>;

function isR(word: string): boolean {
  return /^R(script)?$/.test(basename(word));
}

/** @returns what a person should know of it */
async function addFile(hash: Hash, file: string, mostNames: number): Promise<string[]> {
  const root = await packageOf(file);
  if (root !== undefined) {
    hash.update(`package ${relative(root, file)}\0`);
    await addAll(hash, new Map((await packageFiles(root)).map((part) => [part, join(root, part)])));
    return [];
  }
  hash.update(await digestOf(file));
  const { files, complete } = await scriptsNear(file, mostNames);
  await addAll(hash, files);
  if (complete) return [];
  return [
    `Too many files lie below ${dirname(file)} to look through: of the scripts that ${basename(file)} uses, replot notices changes only in those beside it. Name others with --watch FILE.`,
  ];
}

async function addAll(hash: Hash, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, file] of files) {
    hash.update(`${name}\0`);
    hash.update(await digestOf(file));
  }
}

/** Of a file that can't be read, which R can't read either, the digest of nothing. */
async function digestOf(file: string): Promise<Buffer> {
  const hash = createHash("sha256");
  try {
    return hash.update(await readFile(file)).digest();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return hash.digest();
  }
}

/** A command that names no file but an interpreter's, or makes it run text: nothing tells which files that uses. */
async function unwatched(program: Program): Promise<string[]> {
  const [first, ...others] = program.words;
  if (first?.file === undefined || program.watch.length > 0) return [];
  if ((await isScript(first.file)) && !isR(first.written)) return [];
  if (others.some(({ file }) => file !== undefined) && !takesText(program)) return [];
  const command = program.words.map(({ written }) => written).join(" ");
  const short = command.length > 60 ? `${command.slice(0, 59)}…` : command;
  return [
    `replot cannot see which files this command uses, and does not notice when they change: ${short}. Name them with --watch FILE, or use --force after a change.`,
  ];
}

async function versionOf(program: string): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, ["--version"]);
    return `${stdout}${stderr}`.split("\n")[0] ?? "";
  } catch (error) {
    if (isGone(error)) return "absent";
    throw error;
  }
}
