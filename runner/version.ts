/** Which replot this is: the version of package.json and, where it can be told, the commit. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { root } from "./root.ts";

const Package = z.object({ version: z.string() });

export const version = Package.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).version;

/** The commit that replot runs from: of the checkout, or as its image was told; undefined where neither says. */
export function commit(): string | undefined {
  const id = attempt(() => readFileSync(join(root, "commit"), "utf8").trim()) ?? attempt(head);
  return id !== undefined && /^[0-9a-f]{40}$/.test(id) ? id : undefined;
}

function head(): string | undefined {
  const read = (name: string) => readFileSync(join(root, ".git", name), "utf8").trim();
  const id = read("HEAD");
  const branch = /^ref: (.+)$/.exec(id)?.[1];
  return branch === undefined ? id : (attempt(() => read(branch)) ?? packed(branch, read("packed-refs")));
}

/** A branch is a file of its own, or a line of `packed-refs`. */
function packed(branch: string, refs: string): string | undefined {
  const line = refs.split("\n").find((ref) => ref.endsWith(` ${branch}`));
  return line?.split(" ")[0];
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
