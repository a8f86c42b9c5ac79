/** The files that a program consists of beside those that its command names: scripts near it, or its R package. */
import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { searchPath } from "./program.ts";

/** Names of files with code, in any language that scripts of a model call each other in. */
const scriptName =
  /\.(R|Rmd|qmd|py|jl|sh|bash|zsh|ksh|pl|pm|rb|lua|js|mjs|cjs|ts|m|awk|sed|sql|c|cc|cpp|h|hpp|f|f90|stan|jags|bug)$/i;

/** Directories whose scripts belong to others, or are no part of what a program draws. */
const foreignDirectory = /^(\..*|node_modules|renv|packrat|venv|__pycache__|simulations|tests?)$/;

/** Copies and locks that editors leave beside a file. */
const editorsFile = /^\.|[~#]$|\.(swp|swo|bak|orig|rej|tmp)$/;

/** A file in the database's place marks a state directory: what lies there is replot's own. */
const stateDatabase = "replot.sqlite";

export interface FoundScripts {
  /** Absolute paths, by their path relative to the script's directory, in the order of these. */
  readonly files: ReadonlyMap<string, string>;
  /** False where so much lies below the directory that only what lies beside the script was looked at. */
  readonly complete: boolean;
}

/**
 * Scripts beside and below a script, which it may source. A link that leads nowhere, a directory that is called like a
 * script and what an editor leaves behind are not among them.
 * @param mostNames to look at below the script's directory
 */
export async function scriptsNear(file: string, mostNames: number): Promise<FoundScripts> {
  const directory = dirname(file);
  if (searchPath().some((entry) => resolve(entry) === directory) || !(await isScript(file))) {
    return { files: new Map(), complete: true };
  }
  const wanted = (path: string): boolean => scriptName.test(path) && join(directory, path) !== file;
  const all = await filesIn(directory, wanted, mostNames);
  return { files: all ?? (await filesIn(directory, wanted, 0)) ?? new Map(), complete: all !== undefined };
}

/** Everything below a directory that is no leftover of an editor or a compiler, and not hidden. */
export async function filesBelow(directory: string): Promise<ReadonlyMap<string, string>> {
  return (await filesIn(directory, (path) => !compiled.test(path), Number.POSITIVE_INFINITY)) ?? new Map();
}

/**
 * @param mostNames 0: only what lies in the directory itself
 * @returns undefined where more lies below
 */
async function filesIn(
  directory: string,
  wanted: (path: string) => boolean,
  mostNames: number,
): Promise<FoundScripts["files"] | undefined> {
  const found: string[] = [];
  const queue = [""];
  let seen = 0;
  for (let below = queue.shift(); below !== undefined; below = queue.shift()) {
    const entries = await readdir(join(directory, below), { withFileTypes: true }).catch(() => []);
    if (below !== "" && entries.some(({ name }) => name === stateDatabase)) continue;
    seen += entries.length;
    if (mostNames > 0 && seen > mostNames) return undefined;
    for (const entry of entries) {
      const path = join(below, entry.name);
      if (entry.isDirectory()) {
        if (mostNames > 0 && !foreignDirectory.test(entry.name)) queue.push(path);
      } else if (!editorsFile.test(entry.name) && wanted(path) && (await isFile(join(directory, path)))) {
        found.push(path);
      }
    }
  }
  return new Map(found.sort().map((path) => [path, join(directory, path)]));
}

/** Whether a file is a script by its name or its first line, and not a compiled program. */
export async function isScript(file: string): Promise<boolean> {
  return scriptName.test(basename(file)) || (await firstBytes(file, 2)) === "#!";
}

async function firstBytes(file: string, count: number): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return "";
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** The R package, source or installed, that a file lies in: the nearest directory upward with a DESCRIPTION. */
export async function packageOf(file: string): Promise<string | undefined> {
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    const description = await readFile(join(directory, "DESCRIPTION"), "utf8").catch(() => "");
    if (/^Package:/m.test(description)) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}

const compiled = /\.(o|so|dll|dylib)$/;

/** Files of a package that bear on what it draws, relative to it: not what was compiled from them, not tests, nothing hidden. */
export async function packageFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !editorsFile.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter(
      (path) =>
        !compiled.test(path) &&
        !path.endsWith(".md") &&
        !/(^|\/)\./.test(path) &&
        !/^(tests|man|image)\/|^Dockerfile$/.test(path),
    )
    .sort();
}
