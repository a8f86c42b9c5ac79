/** Which replot this is: the version of package.json and, where it can be told, the commit. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { root } from "./settings.ts";

const Package = z.object({ version: z.string() });

export const version = Package.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).version;

/** The commit of the checkout that replot runs from; undefined where it runs from none. */
export function commit(): string | undefined {
  const read = (name: string) => readFileSync(join(root, ".git", name), "utf8").trim();
  try {
    const head = read("HEAD");
    const branch = /^ref: (.+)$/.exec(head)?.[1];
    const id = branch === undefined ? head : readBranch(branch, read);
    return id !== undefined && /^[0-9a-f]{40}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** A branch is a file of its own, or a line of `packed-refs`. */
function readBranch(branch: string, read: (name: string) => string): string | undefined {
  try {
    return read(branch);
  } catch {
    const line = read("packed-refs")
      .split("\n")
      .find((ref) => ref.endsWith(` ${branch}`));
    return line?.split(" ")[0];
  }
}
