/**
 * Everything that can be set: by options of the command line, the environment and the project file, in this order of
 * precedence; validated once. The names of the variables are only here, for what is deployed and for what is read.
 */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Capacity } from "./domain.ts";
import { UsageError } from "./errors.ts";
import { findProject } from "./project/find.ts";
import type { Project, ProjectProgram } from "./project/project.ts";
import { type Program, resolveProgram } from "./render/program/program.ts";

export { Capacity };

/** The checkout or image that replot runs from. */
export const root = resolve(import.meta.dirname, "..");

const defaultPreset = "full";

const Flag = z.enum(["0", "1", "true", "false"]).transform((text) => text === "1" || text === "true");
const Whole = z.coerce.number().int().positive();

/** Words: separated by blanks, or a JSON array where a word has blanks of its own. @param expected named where it is neither */
const words = (expected: string) =>
  z.string().transform((text, context): string[] => {
    if (!text.trimStart().startsWith("[")) return text.split(/\s+/).filter((word) => word !== "");
    const array = z.array(z.string()).min(1).safeParse(parseJson(text));
    if (array.success) return array.data;
    context.addIssue({ code: "custom", message: `expected "${expected}" or a JSON array of texts` });
    return z.NEVER;
  });

/** Words of a command. */
export const Command = words("PROGRAM ARGS");

const Variables = z.object({
  REPLOT_HOME: z.string().default(".replot"),
  REPLOT_CATALOG: z.string().default(join(root, "catalog", "ryan-white.yaml")),
  /** The directory in which `simulations/` lies; `data/` of the home by default. */
  REPLOT_DATA: z.string().optional(),
  /** Processes of R at once. */
  REPLOT_WORKERS: Whole.default(availableParallelism()),
  REPLOT_R_COMMAND: Command.optional(),
  /** Further files and directories that the program on this machine uses: what changes in them makes plots due. */
  REPLOT_WATCH: words("FILE FILE").optional(),
  REPLOT_R_IMAGE: z.string().min(1).optional(),
  /** The image takes `--events FILE` and writes a line per finished plot. */
  REPLOT_R_EVENTS: Flag.optional(),
  /** Where the image looks for `simulations/`: its working directory. */
  REPLOT_R_DIRECTORY: z.string().optional(),
  /** Starts of R for one city, at most. */
  REPLOT_ATTEMPTS: Whole.default(3),
  /** Seconds that one start of R may take for one city. */
  REPLOT_DEADLINE: Whole.default(3600),
  /** The deployed stack whose stores are used; with it the five after it. */
  REPLOT_STACK: z.string().optional(),
  REPLOT_DATA_BUCKET: z.string().optional(),
  REPLOT_PLOTS_BUCKET: z.string().optional(),
  REPLOT_PLOTS_TABLE: z.string().optional(),
  REPLOT_RUNS_TABLE: z.string().optional(),
  REPLOT_TOPIC_ARN: z.string().optional(),
  /** In a task: the work directory, on the volume that both containers share. R is started elsewhere, not by the runner. */
  REPLOT_WORK: z.string().optional(),
  /** When the schedule meant the run to begin. A run that has one is a scheduled run, and has its id from it. */
  REPLOT_SCHEDULED_TIME: z.iso.datetime({ offset: true }).optional(),
  /** Whether runs without any finding are told by e-mail as well. */
  REPLOT_SUCCESS_EMAILS: Flag.default(true),
  /** What the task runs on; Spot costs less. */
  REPLOT_CAPACITY: Capacity.default("FARGATE"),
  /** Seconds after which the task is ended, by its entry point. */
  REPLOT_LONGEST_LIFE: Whole.optional(),
});

/** The stores of a deployed stack. */
export interface Cloud {
  readonly stack: string;
  readonly dataBucket: string;
  readonly plotsBucket: string;
  readonly plotsTable: string;
  readonly runsTable: string;
  readonly topicArn: string;
}

/** The run's task, as far as it is told about itself. */
export interface TaskSettings {
  /** The work directory, on the volume that both containers share. */
  readonly work: string;
  /** ISO 8601; undefined for a run that a person started. */
  readonly scheduledTime: string | undefined;
  readonly successEmails: boolean;
  readonly capacity: Capacity;
  readonly longestLifeSeconds: number | undefined;
}

export interface Settings {
  readonly home: string;
  readonly catalog: string;
  readonly data: string;
  readonly workers: number;
  /** How R is called: on this machine, with absolute paths, or inside the image. */
  readonly rCommand: readonly string[];
  /** The program that the command means on this machine; undefined where an image draws. */
  readonly program: Program | undefined;
  readonly rImage: string | undefined;
  readonly rEvents: boolean;
  readonly rDirectory: string | undefined;
  readonly attempts: number;
  readonly deadlineSeconds: number;
  /** What is drawn where a command names no preset. */
  readonly preset: string;
  /** Pages beside plots, where a command does not say it. */
  readonly html: boolean | "self-contained";
  readonly project: Project | undefined;
  /** What somebody named, in any way; the rest is the sample model's. */
  readonly named: { readonly catalog: boolean; readonly data: boolean; readonly program: boolean };
  /** Undefined where local stores are used. */
  readonly cloud: Cloud | undefined;
  /** AWS region of the cloud; undefined leaves it to `AWS_REGION`. */
  readonly region: string | undefined;
  /** Undefined where the runner is not the task of a stack. */
  readonly task: TaskSettings | undefined;
}

/** The variable that an option of the command line stands for. */
const variableOf = {
  home: "REPLOT_HOME",
  catalog: "REPLOT_CATALOG",
  data: "REPLOT_DATA",
  workers: "REPLOT_WORKERS",
  rCommand: "REPLOT_R_COMMAND",
  watch: "REPLOT_WATCH",
  rImage: "REPLOT_R_IMAGE",
  rEvents: "REPLOT_R_EVENTS",
} as const;

/** The variables that a task gets; the program that deploys it writes them from here. */
export const cloudVariables = {
  stack: "REPLOT_STACK",
  dataBucket: "REPLOT_DATA_BUCKET",
  plotsBucket: "REPLOT_PLOTS_BUCKET",
  plotsTable: "REPLOT_PLOTS_TABLE",
  runsTable: "REPLOT_RUNS_TABLE",
  topicArn: "REPLOT_TOPIC_ARN",
} as const satisfies Record<keyof Cloud, keyof z.input<typeof Variables>>;

export const taskVariables = {
  work: "REPLOT_WORK",
  scheduledTime: "REPLOT_SCHEDULED_TIME",
  successEmails: "REPLOT_SUCCESS_EMAILS",
  capacity: "REPLOT_CAPACITY",
  longestLifeSeconds: "REPLOT_LONGEST_LIFE",
  catalog: "REPLOT_CATALOG",
  data: "REPLOT_DATA",
  workers: "REPLOT_WORKERS",
  rImage: "REPLOT_R_IMAGE",
  rCommand: "REPLOT_R_COMMAND",
  rEvents: "REPLOT_R_EVENTS",
  rDirectory: "REPLOT_R_DIRECTORY",
  attempts: "REPLOT_ATTEMPTS",
  deadlineSeconds: "REPLOT_DEADLINE",
} as const satisfies Record<string, keyof z.input<typeof Variables>>;

/** An option that can be repeated is an array. */
export type SettingOptions = Readonly<Partial<Record<keyof typeof variableOf, string | boolean | readonly string[]>>>;

/**
 * @param options the command line's; each replaces its variable
 * @param project by default that of the current directory
 * @throws UsageError naming every setting that is wrong
 */
export function readSettings(
  options: SettingOptions,
  environment: NodeJS.ProcessEnv = process.env,
  project: Project | undefined = findProject(process.cwd()),
): Settings {
  const given = Object.entries(variableOf).flatMap(([option, variable]) => {
    const value = options[option as keyof typeof variableOf];
    return value === undefined ? [] : [[variable, Array.isArray(value) ? JSON.stringify(value) : String(value)]];
  });
  const asked: NodeJS.ProcessEnv = { ...withoutEmpty(environment), ...Object.fromEntries(given) };
  const ofProject = project === undefined ? {} : variablesOf(project);
  // a program is replaced as a whole: the project's command means nothing in another image
  const replaced = asked["REPLOT_R_COMMAND"] !== undefined || asked["REPLOT_R_IMAGE"] !== undefined;
  const programOfProject = project?.program === undefined || replaced ? {} : programVariables(project.program);
  const parsed = Variables.safeParse({ ...ofProject, ...programOfProject, ...asked });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${nameOf(String(path[0]))}: ${message}`);
    throw new UsageError(`settings are wrong:\n  ${problems.join("\n  ")}`);
  }
  const variables = parsed.data;
  const work = variables.REPLOT_WORK;
  const home = resolve(variables.REPLOT_HOME);
  const image = variables.REPLOT_R_IMAGE;
  const command = variables.REPLOT_R_COMMAND;
  const data = resolve(variables.REPLOT_DATA ?? join(home, "data"));
  const program =
    image === undefined
      ? resolveProgram(command ?? ["Rscript", join(root, "model", "exec", "batch")], {
          directory: replaced || project === undefined ? process.cwd() : project.directory,
          workingDirectory: data,
          watch: variables.REPLOT_WATCH ?? [],
          // those of the project are absolute
          watchDirectory: process.cwd(),
          watchNamedIn: asked["REPLOT_WATCH"] === undefined ? project && `program.watch in ${project.file}` : undefined,
        })
      : undefined;
  if (image !== undefined && variables.REPLOT_WATCH !== undefined) {
    throw new UsageError(
      `${nameOf("REPLOT_WATCH")} names files that a program on this machine uses; of an image, replot watches the digest`,
    );
  }
  return {
    home,
    catalog: resolve(variables.REPLOT_CATALOG),
    data,
    workers: variables.REPLOT_WORKERS,
    rCommand: program?.words.map(({ resolved }) => resolved) ?? command ?? ["batch"],
    program,
    rImage: image,
    // our own model has it; another program is asked for it only where somebody says so
    rEvents: variables.REPLOT_R_EVENTS ?? (command === undefined && image === undefined),
    rDirectory: variables.REPLOT_R_DIRECTORY,
    attempts: variables.REPLOT_ATTEMPTS,
    deadlineSeconds: variables.REPLOT_DEADLINE,
    preset: project?.preset ?? defaultPreset,
    html: project?.html ?? false,
    project,
    named: {
      catalog: asked["REPLOT_CATALOG"] !== undefined || project?.catalog !== undefined,
      data: variables.REPLOT_DATA !== undefined,
      program: command !== undefined || image !== undefined,
    },
    cloud: cloudOf(variables),
    region: undefined,
    task:
      work === undefined
        ? undefined
        : {
            work,
            scheduledTime: variables.REPLOT_SCHEDULED_TIME,
            successEmails: variables.REPLOT_SUCCESS_EMAILS,
            capacity: variables.REPLOT_CAPACITY,
            longestLifeSeconds: variables.REPLOT_LONGEST_LIFE,
          },
  };
}

/** What a project file sets but for its program; by default its state lies beside it. */
function variablesOf({ directory, catalog, data, workers }: Project): NodeJS.ProcessEnv {
  return withoutAbsent({
    REPLOT_HOME: join(directory, ".replot"),
    REPLOT_CATALOG: catalog,
    REPLOT_DATA: data,
    REPLOT_WORKERS: workers?.toString(),
  });
}

function programVariables({ command, image, watch, events }: ProjectProgram): NodeJS.ProcessEnv {
  return withoutAbsent({
    REPLOT_R_COMMAND: command === undefined || typeof command === "string" ? command : JSON.stringify(command),
    REPLOT_R_IMAGE: image,
    REPLOT_WATCH: watch === undefined || watch.length === 0 ? undefined : JSON.stringify(watch),
    REPLOT_R_EVENTS: events?.toString(),
  });
}

function withoutAbsent(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}

/** All of them or none: half a stack would publish into one place and report to another. */
function cloudOf(variables: z.infer<typeof Variables>): Cloud | undefined {
  const missing: string[] = [];
  const value = (variable: (typeof cloudVariables)[keyof Cloud]): string => {
    const given = variables[variable];
    if (given === undefined) missing.push(variable);
    return given ?? "";
  };
  const cloud: Cloud = {
    stack: value(cloudVariables.stack),
    dataBucket: value(cloudVariables.dataBucket),
    plotsBucket: value(cloudVariables.plotsBucket),
    plotsTable: value(cloudVariables.plotsTable),
    runsTable: value(cloudVariables.runsTable),
    topicArn: value(cloudVariables.topicArn),
  };
  if (missing.length === Object.keys(cloudVariables).length) return undefined;
  if (missing.length === 0) return cloud;
  throw new UsageError(`the settings of a stack belong together; missing: ${missing.join(", ")}`);
}

/** The variables that tell a task which stores are its own: what is read back as {@link Settings.cloud}. */
export function cloudEnvironment(cloud: Cloud): Record<string, string> {
  return {
    [cloudVariables.stack]: cloud.stack,
    [cloudVariables.dataBucket]: cloud.dataBucket,
    [cloudVariables.plotsBucket]: cloud.plotsBucket,
    [cloudVariables.plotsTable]: cloud.plotsTable,
    [cloudVariables.runsTable]: cloud.runsTable,
    [cloudVariables.topicArn]: cloud.topicArn,
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
