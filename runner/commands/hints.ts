/**
 * Hints that can be pasted. Messages name the command line `replot`; here that becomes what a person types where they
 * are, and the options that the named command needs to find the same state.
 */
import { realpathSync } from "node:fs";
import { basename, delimiter, dirname, join, relative } from "node:path";
import { root } from "../settings.ts";

export const commandNames = [
  "regenerate",
  "start",
  "stop",
  "data",
  "notify",
  "plan",
  "runs",
  "show",
  "logs",
  "verify",
  "rollback",
  "keep",
  "prune",
  "doctor",
  "check",
] as const;
export type CommandName = (typeof commandNames)[number];

/** Where a person calls replot from. */
export interface CallingPlace {
  /** The shell's PATH. */
  readonly path: string;
  /** The current directory, absolute. */
  readonly cwd: string;
  /** The checkout or installation that replot runs from. */
  readonly root: string;
}

const here: CallingPlace = { path: process.env["PATH"] ?? "", cwd: process.cwd(), root };

/** How replot is called: `replot` where that is on the PATH, `npx replot` in the checkout, else its file. */
export function programName({ path, cwd, root }: CallingPlace = here): string {
  const file = join(root, "bin", "replot.js");
  const onPath = path
    .split(delimiter)
    // npx puts directories of this name before the PATH of the shell
    .filter((directory) => directory !== "" && !isBinOfModules(directory))
    .some((directory) => isSameFile(join(directory, "replot"), file));
  if (onPath) return "replot";
  const way = relative(root, cwd);
  return way === ".." || way.startsWith("../") ? shellWord(file) : "npx replot";
}

const mention = new RegExp(`(?<![\\w./-]|npx )replot (?=(?:${commandNames.join("|")})\\b)`, "g");

/** A text in which every `replot COMMAND` names the program as it is called here. */
export function withProgramName(text: string, name: string = programName()): string {
  return text.replace(mention, () => `${name} `);
}

/** Options that tell a command which state to work on, with which inputs and program. */
export interface PlaceOptions {
  readonly home?: string;
  readonly catalog?: string;
  readonly stack?: string;
  readonly data?: string;
  readonly rCommand?: string;
  readonly rImage?: string;
  readonly rEvents?: boolean;
  readonly watch?: readonly string[];
}

const state = ["home", "catalog", "stack"] as const;
const drawing = ["data", "rCommand", "rImage", "rEvents", "watch"] as const;

/** Those of {@link PlaceOptions} that each command takes. */
export const optionsTaken: Readonly<Record<CommandName, readonly (keyof PlaceOptions)[]>> = {
  regenerate: ["home", "catalog", ...drawing],
  plan: [...state, ...drawing],
  doctor: [...state, ...drawing],
  check: ["home", "catalog", ...drawing],
  runs: state,
  show: state,
  logs: state,
  verify: state,
  rollback: state,
  keep: state,
  prune: state,
  start: ["catalog", "stack"],
  data: ["catalog", "stack"],
  stop: ["stack"],
  notify: ["stack"],
};

/**
 * A command to paste, with those of the given options that it takes: `replot show latest --home elsewhere`.
 * @param words the command's name and its own words, ready for a shell
 */
export function commandLine(words: string, options: PlaceOptions): string {
  const command = commandNames.find((name) => words === name || words.startsWith(`${name} `));
  const given = (command === undefined ? [] : optionsTaken[command]).flatMap((option) => {
    const value = options[option];
    const name = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) return [];
    if (value === true) return [name];
    return [value].flat().flatMap((one) => [name, shellWord(one)]);
  });
  return ["replot", words, ...given].join(" ");
}

/** A word as a person can type it in a shell. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function isBinOfModules(directory: string): boolean {
  return basename(directory) === ".bin" && basename(dirname(directory)) === "node_modules";
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
