/**
 * What an image is built from, as a tag: the same inputs have the same tag, so that building twice is no conflict. It
 * changes with everything that makes the build's provider build again (contents, names and modes of what the builder is
 * sent); otherwise another result would be pushed under a tag that can't be moved.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, matchesGlob } from "node:path";

export interface BuildInputs {
  /** The directory that is sent to the builder: of it what its `.dockerignore` lets through. It has the Dockerfile. */
  readonly context: string;
  /** Further contexts, by their names in the Dockerfile. */
  readonly named: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Of the checkout; undefined outside of one. */
  readonly commit: string | undefined;
}

/** `3f2a9c41d0be-8c1e5f7a90b2`: the commit, then the hash of everything that goes into the build. */
export function buildTag({ context, named, buildArgs, commit }: BuildInputs): string {
  const hash = createHash("sha256").update(JSON.stringify(Object.entries(buildArgs).sort()));
  const add = (name: string, directory: string, file: string) => {
    const content = createHash("sha256")
      .update(readFileSync(join(directory, file)))
      .digest("hex");
    hash.update(`\n${name} ${file} ${(statSync(join(directory, file)).mode & 0o7777).toString(8)} ${content}`);
  };
  add("", context, "Dockerfile");
  for (const [name, directory] of [["", context] as const, ...Object.entries(named)]) {
    for (const file of sentFiles(directory)) add(name, directory, file);
  }
  return `${(commit ?? "nocommit").slice(0, 12)}-${hash.digest("hex").slice(0, 12)}`;
}

/**
 * Files that the builder is sent. Of `.dockerignore` this knows what ours have: `*`, then `!path` for what is sent all the
 * same, and patterns for what of that is not.
 */
export function sentFiles(context: string): string[] {
  const file = join(context, ".dockerignore");
  if (!existsSync(file)) return filesBelow(context, ".").sort();
  const [all, ...lines] = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (all !== "*") throw new Error(`${file}: expected * as the first line, then what is sent`);
  const left = lines.filter((line) => !line.startsWith("!"));
  return lines
    .flatMap((line) => (line.startsWith("!") ? filesBelow(context, line.slice(1)) : []))
    .filter((path) => !left.some((pattern) => matchesGlob(path, pattern)))
    .sort();
}

function filesBelow(context: string, path: string): string[] {
  if (!statSync(join(context, path)).isDirectory()) return [path];
  return readdirSync(join(context, path), { withFileTypes: true }).flatMap((entry) => {
    const inside = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(context, inside) : [inside];
  });
}
