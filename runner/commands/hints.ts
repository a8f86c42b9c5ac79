/**
 * Commands in messages, ready to be pasted. Messages write `replot`; the functions here replace it with the way to call
 * replot from the current directory, and add the options that the command needs to find the same state.
 */
import { realpathSync } from "node:fs";
import { basename, delimiter, dirname, join, relative } from "node:path";
import { shellWord } from "../format/shell.ts";
import { root } from "../root.ts";

export const commandNames = [
  "init",
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

/** The environment in which replot is called. */
export interface CallingPlace {
  /** The shell's PATH. */
  readonly path: string;
  /** The current directory, absolute. */
  readonly cwd: string;
  /** The checkout or installation that replot runs from. */
  readonly root: string;
}

const here: CallingPlace = { path: process.env["PATH"] ?? "", cwd: process.cwd(), root };

/** The way to call replot: `replot` if it is on the PATH, `npx replot` inside the checkout, otherwise its file. */
export function programName({ path, cwd, root }: CallingPlace = here): string {
  const file = join(root, "bin", "replot.js");
  const onPath = path
    .split(delimiter)
    // npx prepends such directories to the PATH of the shell
    .filter((directory) => directory !== "" && !isBinOfModules(directory))
    .some((directory) => isSameFile(join(directory, "replot"), file));
  if (onPath) return "replot";
  const way = relative(root, cwd);
  return way === ".." || way.startsWith("../") ? shellWord(file) : "npx replot";
}

/** How replot is called after a `cd` to this absolute directory. */
export function programNameIn(directory: string): string {
  return programName({ ...here, cwd: directory });
}

const mention = new RegExp(`(?<![\\w./-]|npx )replot (?=(?:${commandNames.join("|")})\\b)`, "g");

/** A text in which every `replot COMMAND` names the program as it is called here. */
export function withProgramName(text: string, name: string = programName()): string {
  return text.replace(mention, () => `${name} `);
}

/** Options that choose the state, the inputs and the program of a command. */
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
  init: [],
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
