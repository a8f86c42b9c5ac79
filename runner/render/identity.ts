/** Names what draws on this machine by its content, so that plots of an older program are recognised as such. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, delimiter, dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { isGone } from "./workdir.ts";

/**
 * Digest of a command: the content of each file it names and, where that file belongs to an R package, of the whole
 * package; the version of R where R is called.
 * @param command word by word
 * @param cwd where relative names in it are looked for
 * @returns `local:<16 hexadecimal digits>`
 */
export async function programIdentity(command: readonly string[], cwd: string = process.cwd()): Promise<string> {
  const hash = createHash("sha256");
  for (const [place, word] of command.entries()) {
    const file = await fileNamed(word, cwd, place === 0);
    // what a file is called is no matter, only what is in it: a checkout elsewhere draws the same
    hash.update(`word ${file === undefined ? word : "file"}\0`);
    if (place === 0 && /^R(script)?$/.test(basename(word))) hash.update(`${await versionOf(word)}\0`);
    else if (file !== undefined) await addFile(hash, file);
  }
  return `local:${hash.digest("hex").slice(0, 16)}`;
}

type Hash = ReturnType<typeof createHash>;

async function addFile(hash: Hash, file: string): Promise<void> {
  const root = await packageOf(file);
  if (root === undefined) {
    hash.update(await digestOf(file));
    for (const helper of await scriptsBeside(file)) hash.update(await digestOf(helper));
    return;
  }
  hash.update(`package ${relative(root, file)}\0`);
  for (const part of await packageFiles(root)) {
    hash.update(`${part}\0`);
    hash.update(await digestOf(join(root, part)));
  }
}

/** R scripts in the same directory: a script may source them. */
async function scriptsBeside(file: string): Promise<string[]> {
  const directory = dirname(file);
  const names = await readdir(directory);
  return names
    .filter((name) => /\.[Rr]$/.test(name) && name !== basename(file))
    .sort()
    .map((name) => join(directory, name));
}

async function digestOf(file: string): Promise<Buffer> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest();
}

/** The file of a program, as a shell would find it. @returns undefined where there is none */
export function programFile(program: string, cwd: string = process.cwd()): Promise<string | undefined> {
  return fileNamed(program, cwd, true);
}

/** The file that a word names: itself, what follows `--option=`, or for the program itself what PATH leads to. */
async function fileNamed(word: string, cwd: string, isProgram: boolean): Promise<string | undefined> {
  const inPath = isProgram && !word.includes("/") ? (process.env["PATH"] ?? "").split(delimiter) : [];
  const value = /^--?[\w-]+=(.+)$/.exec(word)?.[1];
  const candidates = [
    ...inPath.map((directory) => join(directory, word)),
    ...(isProgram && !word.includes("/") ? [] : [word]),
    ...(value === undefined ? [] : [value]),
  ];
  for (const candidate of candidates) {
    const file = resolve(cwd, candidate);
    if (await isFile(file)) return file;
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The R package, source or installed, that a file lies in: the nearest directory upward with a DESCRIPTION. */
async function packageOf(file: string): Promise<string | undefined> {
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    try {
      if (/^Package:/m.test(await readFile(join(directory, "DESCRIPTION"), "utf8"))) return directory;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    if (directory === dirname(directory)) return undefined;
  }
}

/** Files of a package that bear on what it draws: not what was compiled from them, not tests, nothing hidden. */
async function packageFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter(
      (path) =>
        !/\.(o|so|dll|dylib|md)$/.test(path) &&
        !/(^|\/)\./.test(path) &&
        !/^(tests|man|image)\/|^Dockerfile$/.test(path),
    )
    .sort();
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
