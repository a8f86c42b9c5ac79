/**
 * Stands in for Pulumi's command line, whose state tests have not: an executable named `pulumi` that takes the arguments
 * the real one takes for `stack output`, and answers in its words.
 */
import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { shellWord } from "../../runner/format/shell.ts";

/**
 * @param directory where it is put
 * @param outputs by the stack's name, as text on standard output; the selected stack is the one named ""
 * @param refusal what it says of other stacks
 * @returns the PATH on which it comes first
 */
export async function pulumiOnPath(
  directory: string,
  outputs: Readonly<Record<string, string>>,
  refusal = "no stack named '%s' found",
): Promise<string> {
  const known = Object.entries(outputs).map(([name, text]) => `${shellWord(name)}) echo ${shellWord(text)}; exit ;;`);
  const program = `#!/bin/sh
case "$1 $2 $3 $4" in
'stack output --json --non-interactive') shift 4 ;;
*) echo 'error: unknown command' >&2; exit 255 ;;
esac
name=
[ "$1" != --stack ] || name=$2
case $name in
${known.join("\n")}
esac
printf ${shellWord(`error: ${refusal}\\n`)} "$name" >&2
exit 255
`;
  const file = join(directory, "pulumi");
  await writeFile(file, program);
  await chmod(file, 0o755);
  return `${directory}${delimiter}${process.env["PATH"]}`;
}
