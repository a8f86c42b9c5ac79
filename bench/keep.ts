/** Puts what was measured into bench/README.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Replaces what stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
export function keep(name: string, text: string): void {
  const file = join(import.meta.dirname, "README.md");
  const page = readFileSync(file, "utf8");
  const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*(<!-- /${name} -->)`);
  writeFileSync(file, page.replace(between, `$1${text}\n$2`));
}
