/** What an image is built from, as a tag: the same inputs have the same tag, so that building twice is no conflict. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface BuildInputs {
  /** The directory that is sent to the builder. */
  readonly context: string;
  /** Files and directories below it that the build reads. */
  readonly paths: readonly string[];
  /** Further contexts, by their names in the Dockerfile. */
  readonly named: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Of the checkout; undefined outside of one. */
  readonly commit: string | undefined;
}

/** Left by compilers and editors; no build reads them. */
const left = /\.(o|so|dll)$|~$/;

/** `3f2a9c41d0be-8c1e5f7a90b2`: the commit, then the hash of everything that goes into the build. */
export function buildTag({ context, paths, named, buildArgs, commit }: BuildInputs): string {
  const hash = createHash("sha256").update(JSON.stringify(Object.entries(buildArgs).sort()));
  const sources = [
    ...paths.map((path) => ({ name: "", directory: context, path })),
    ...Object.entries(named).map(([name, directory]) => ({ name, directory, path: "." })),
  ];
  for (const { name, directory, path } of sources) {
    for (const file of filesBelow(directory, path).sort()) {
      const executable = (statSync(join(directory, file)).mode & 0o100) !== 0;
      const content = createHash("sha256").update(readFileSync(join(directory, file)));
      hash.update(`\n${name} ${file} ${executable} ${content.digest("hex")}`);
    }
  }
  return `${(commit ?? "nocommit").slice(0, 12)}-${hash.digest("hex").slice(0, 12)}`;
}

function filesBelow(context: string, path: string): string[] {
  if (!statSync(join(context, path)).isDirectory()) return [path];
  return readdirSync(join(context, path), { withFileTypes: true }).flatMap((entry) => {
    if (left.test(entry.name)) return [];
    const inside = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(context, inside) : [inside];
  });
}
