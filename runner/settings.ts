/**
 * Everything that can be set, from the environment and from the command line's options, validated once. The names of
 * the variables are here only; what is deployed and what is read can't drift apart.
 */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { WrongRequest } from "./errors.ts";

/** The checkout or image that replot runs from. */
export const root = resolve(import.meta.dirname, "..");

const Flag = z.enum(["0", "1", "true", "false"]).transform((text) => text === "1" || text === "true");
const Whole = z.coerce.number().int().positive();

/** Words of a command: separated by blanks, or a JSON array where a word has blanks of its own. */
const Command = z.string().transform((text, context): string[] => {
  if (!text.trimStart().startsWith("[")) return text.split(/\s+/).filter((word) => word !== "");
  const words = z.array(z.string()).min(1).safeParse(parseJson(text));
  if (words.success) return words.data;
  context.addIssue({ code: "custom", message: 'expected "PROGRAM ARGS" or a JSON array of texts' });
  return z.NEVER;
});

const Variables = z.object({
  REPLOT_HOME: z.string().default(".replot"),
  REPLOT_CATALOG: z.string().default(join(root, "catalog", "ryan-white.yaml")),
  /** The directory in which `simulations/` lies; `data/` of the home by default. */
  REPLOT_DATA: z.string().optional(),
  /** Processes of R at once. */
  REPLOT_WORKERS: Whole.default(availableParallelism()),
  REPLOT_R_COMMAND: Command.optional(),
  REPLOT_R_IMAGE: z.string().min(1).optional(),
  /** The image takes `--events FILE` and writes a line per finished plot. */
  REPLOT_R_EVENTS: Flag.optional(),
  /** Where the image looks for `simulations/`: its working directory. */
  REPLOT_R_DIRECTORY: z.string().optional(),
  /** Starts of R for one city, at most. */
  REPLOT_ATTEMPTS: Whole.default(3),
  /** Seconds that one start of R may take for one city. */
  REPLOT_DEADLINE: Whole.default(3600),
});

export interface Settings {
  readonly home: string;
  readonly catalog: string;
  readonly data: string;
  readonly workers: number;
  /** How R is called: on this machine, or inside the image. */
  readonly rCommand: readonly string[];
  readonly rImage: string | undefined;
  readonly rEvents: boolean;
  readonly rDirectory: string | undefined;
  readonly attempts: number;
  readonly deadlineSeconds: number;
}

/** The variable that an option of the command line stands for. */
const variableOf = {
  home: "REPLOT_HOME",
  catalog: "REPLOT_CATALOG",
  data: "REPLOT_DATA",
  workers: "REPLOT_WORKERS",
  rCommand: "REPLOT_R_COMMAND",
  rImage: "REPLOT_R_IMAGE",
  rEvents: "REPLOT_R_EVENTS",
} as const;

export type SettingOptions = Readonly<Partial<Record<keyof typeof variableOf, string | boolean>>>;

/**
 * @param options the command line's; each replaces its variable
 * @throws WrongRequest naming every setting that is wrong
 */
export function readSettings(options: SettingOptions, environment: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.entries(variableOf).flatMap(([option, variable]) => {
    const value = options[option as keyof typeof variableOf];
    return value === undefined ? [] : [[variable, String(value)]];
  });
  const parsed = Variables.safeParse({ ...withoutEmpty(environment), ...Object.fromEntries(given) });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${nameOf(String(path[0]))}: ${message}`);
    throw new WrongRequest(`settings are wrong:\n  ${problems.join("\n  ")}`);
  }
  const variables = parsed.data;
  const home = resolve(variables.REPLOT_HOME);
  const image = variables.REPLOT_R_IMAGE;
  const command = variables.REPLOT_R_COMMAND;
  return {
    home,
    catalog: resolve(variables.REPLOT_CATALOG),
    data: resolve(variables.REPLOT_DATA ?? join(home, "data")),
    workers: variables.REPLOT_WORKERS,
    rCommand: command ?? (image === undefined ? ["Rscript", join(root, "model", "exec", "batch")] : ["batch"]),
    rImage: image,
    // our own model has it; another program is asked for it only where somebody says so
    rEvents: variables.REPLOT_R_EVENTS ?? (command === undefined && image === undefined),
    rDirectory: variables.REPLOT_R_DIRECTORY,
    attempts: variables.REPLOT_ATTEMPTS,
    deadlineSeconds: variables.REPLOT_DEADLINE,
  };
}

function withoutEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
}

/** `--workers (REPLOT_WORKERS)`, or the variable alone where there is no option. */
function nameOf(variable: string): string {
  const option = Object.entries(variableOf).find(([, name]) => name === variable)?.[0];
  return option === undefined
    ? variable
    : `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} (${variable})`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
