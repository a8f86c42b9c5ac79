/** Examples in a page of the documentation: fenced blocks that a comment names, `<!-- example: job.yaml -->`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./command.ts";

/** @param page below docs/ @returns each example's text by its name */
export async function pageExamples(page: string): Promise<(name: string) => string> {
  const text = await readFile(join(root, "docs", page), "utf8");
  const found = new Map<string, string>();
  for (const [, name = "", example = ""] of text.matchAll(/<!-- example: (\S+) -->\n```\w+\n(.*?)```/gs)) {
    found.set(name, example);
  }
  return (name) => {
    const example = found.get(name);
    if (example === undefined) throw new Error(`docs/${page} has no example ${name}`);
    return example;
  };
}
