/** The settings of the runner: what the sources of settings say, validated once. `settings/table.ts` describes each. */
import { join, resolve } from "node:path";
import type { z } from "zod";
import type { Capacity } from "./domain.ts";
import { UsageError } from "./errors.ts";
import { findProject } from "./project/find.ts";
import type { Project, ProjectProgram } from "./project/project.ts";
import { type Program, resolveProgram } from "./render/program/program.ts";
import { root } from "./root.ts";
import { objectOf } from "./settings/setting.ts";
import { environmentSource, nameIn, optionSource, parseSettings, type SettingSource } from "./settings/sources.ts";
import { cloudSettings, type OptionName, settingsTable } from "./settings/table.ts";

const defaultPreset = "full";

const CloudValues = objectOf(cloudSettings).required();

/** The stores of a deployed stack. */
export type Cloud = Readonly<z.infer<typeof CloudValues>>;

/** The run's task, as far as it is told about itself. */
export interface TaskSettings {
  /** The work directory, on the volume that both containers share. */
  readonly work: string;
  /** ISO 8601; undefined for a run that a person started. */
  readonly scheduledTime: string | undefined;
  readonly successEmails: boolean;
  readonly capacity: Capacity;
  readonly maxRunSeconds: number | undefined;
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
  readonly cityTimeoutSeconds: number;
  /** What is drawn where a command names no preset. */
  readonly preset: string;
  /** Pages beside plots, where a command does not say it. */
  readonly html: boolean | "self-contained";
  readonly project: Project | undefined;
  /** What a source names; the rest is the sample model's. */
  readonly named: { readonly catalog: boolean; readonly data: boolean; readonly program: boolean };
  /** Undefined where local stores are used. */
  readonly cloud: Cloud | undefined;
  /** AWS region of the cloud; undefined leaves it to `AWS_REGION`. */
  readonly region: string | undefined;
  /** Undefined where the runner is not the task of a stack. */
  readonly task: TaskSettings | undefined;
}

/** The command line's options. One that can be repeated is an array. */
export type SettingOptions = Readonly<Partial<Record<OptionName, string | boolean | readonly string[]>>>;

/**
 * @param options the command line's; each takes precedence over its variable, and a variable over the project file
 * @param project by default that of the current directory
 * @throws UsageError naming every setting that is wrong
 */
export function readSettings(
  options: SettingOptions,
  environment: NodeJS.ProcessEnv = process.env,
  project: Project | undefined = findProject(process.cwd()),
): Settings {
  const given = [optionSource(settingsTable, options), environmentSource(settingsTable, environment)];
  const isGiven = (...names: readonly string[]) => names.some((name) => given.some(({ values }) => name in values));
  // a program is replaced as a whole: the project's command means nothing in another image
  const isProgramGiven = isGiven("rCommand", "rImage");
  const ofProject = project === undefined ? [] : [projectSource(project, { withProgram: !isProgramGiven })];
  const values = parseSettings(settingsTable, [...given, ...ofProject], "settings are wrong");
  const { work, rImage, rCommand } = values;
  const home = resolve(values.home);
  const data = resolve(values.data ?? join(home, "data"));
  const program =
    rImage === undefined
      ? resolveProgram(rCommand ?? ["Rscript", join(root, "model", "exec", "batch")], {
          directory: isProgramGiven || project === undefined ? process.cwd() : project.directory,
          workingDirectory: data,
          watch: values.watch ?? [],
          // those of the project are absolute
          watchDirectory: process.cwd(),
          watchNamedIn: isGiven("watch") ? undefined : project && `program.watch in ${project.file}`,
        })
      : undefined;
  if (rImage !== undefined && values.watch !== undefined) {
    throw new UsageError(
      `${nameIn(settingsTable, "watch")} names files that a program on this machine uses; of an image, replot watches the digest`,
    );
  }
  return {
    home,
    catalog: resolve(values.catalog),
    data,
    workers: values.workers,
    rCommand: program?.words.map(({ resolved }) => resolved) ?? rCommand ?? ["batch"],
    program,
    rImage,
    // the sample model takes --events; another program gets the option only where it is said to take it
    rEvents: values.rEvents ?? (rCommand === undefined && rImage === undefined),
    rDirectory: values.rDirectory,
    attempts: values.attempts,
    cityTimeoutSeconds: values.cityTimeoutSeconds,
    preset: project?.preset ?? defaultPreset,
    html: project?.html ?? false,
    project,
    named: {
      catalog: isGiven("catalog") || project?.catalog !== undefined,
      data: values.data !== undefined,
      program: rCommand !== undefined || rImage !== undefined,
    },
    cloud: cloudOf(values),
    region: undefined,
    task:
      work === undefined
        ? undefined
        : {
            work,
            scheduledTime: values.scheduledTime,
            successEmails: values.successEmails,
            capacity: values.capacity,
            maxRunSeconds: values.maxRunSeconds,
          },
  };
}

/** The project file as a source of settings. By default its state lies beside it. */
function projectSource(project: Project, { withProgram }: { readonly withProgram: boolean }): SettingSource {
  const { file, directory, catalog, data, workers, program } = project;
  const values: Readonly<Record<string, string | undefined>> = {
    home: join(directory, ".replot"),
    catalog,
    data,
    workers: workers?.toString(),
    ...(withProgram && program !== undefined ? programValues(program) : {}),
  };
  return {
    values: Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ),
    nameOf: (setting) => `${setting} in ${file}`,
    problems: [],
  };
}

function programValues({ command, image, watch, events }: ProjectProgram): Record<string, string | undefined> {
  return {
    rCommand: command === undefined || typeof command === "string" ? command : JSON.stringify(command),
    rImage: image,
    watch: watch === undefined || watch.length === 0 ? undefined : JSON.stringify(watch),
    rEvents: events?.toString(),
  };
}

/** All of them or none: half a stack would publish into one place and report to another. */
function cloudOf(values: { readonly [Name in keyof Cloud]?: string | undefined }): Cloud | undefined {
  const parsed = CloudValues.safeParse(values);
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => nameIn(cloudSettings, String(path[0])));
  if (missing.length === Object.keys(cloudSettings).length) return undefined;
  throw new UsageError(`the settings of a stack belong together; missing: ${missing.join(", ")}`);
}
