import { relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { plural } from "../format/format.ts";
import { shellWord } from "../format/shell.ts";
import { type Language, languages, writeExampleProject } from "../init/example-project.ts";
import { ask } from "./ask.ts";
import { programNameIn } from "./hints.ts";
import { examples } from "./options.ts";
import { printAsIs } from "./output.ts";

interface Options {
  readonly language?: Language;
}

export function addInit(program: Command): void {
  program
    .command("init")
    .description("writes a small project of your own: catalog, program, inputs and replot.yaml; overwrites nothing")
    .argument("[directory]", "where; it is made (default: asked on a terminal, elsewhere the current directory)")
    .addOption(
      new Option("--language <name>", "of the program (default: asked on a terminal, elsewhere r)").choices(languages),
    )
    .addHelpText(
      "after",
      examples([
        ["replot init my-model", "asks for the language, and writes the project to my-model/"],
        ["replot init my-model --language python", "the same without a question"],
      ]),
    )
    .action(async (named: string | undefined, options: Options) => {
      const directory = resolve(named ?? (await answer("Directory", ".")));
      const language =
        options.language ?? languageOf(await answer(`Language (${languages.join(" or ")})`, languages[0]));
      const files = await writeExampleProject(directory, language);
      // commands are named as they can be typed after `cd`
      await printAsIs(outcome(directory, files));
    });
}

/** @param usual the answer of whoever only presses Enter, and where nobody can answer */
async function answer(question: string, usual: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return usual;
  return (await ask(`${question} [${usual}]: `)).trim() || usual;
}

function languageOf(text: string): Language {
  const language = languages.find((name) => name === text.toLowerCase());
  if (language !== undefined) return language;
  throw new UsageError(`there is no example in ${text}; choose ${languages.join(" or ")}. Nothing was written`);
}

function outcome(directory: string, files: readonly string[]): string {
  const replot = programNameIn(directory);
  const way = relative(process.cwd(), directory);
  const commands = [
    ...(way === "" ? [] : [[`cd ${shellWord(way)}`, ""] as const]),
    [`${replot} regenerate --html`, "draws and publishes 24 plots, and says where their pages are"],
    [`${replot} show`, "what readers see now"],
  ] as const;
  const own = files.filter((file) => !file.startsWith("simulations/"));
  return [
    `Wrote ${plural(files.length, "file")} to ${directory}: ${own.join(", ")} and the inputs in simulations/.`,
    "",
    "Next:",
    ...commands.flatMap(([command, what]) => (what === "" ? [`  ${command}`] : [`  ${command}`, `      ${what}`])),
    "",
    "Then put your own names into catalog.yaml, and your own inputs and figures into the program.",
  ].join("\n");
}
