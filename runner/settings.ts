/** The settings of the runner: what the sources of settings say, validated once. `settings/table.ts` describes each. */
import { join, resolve } from "node:path";
import type { z } from "zod";
import type { Capacity } from "./domain.ts";
import { UsageError } from "./errors.ts";
import { type Program, resolveProgram } from "./render/program/program.ts";
import { root } from "./root.ts";
import { objectOf } from "./settings/setting.ts";
import { environmentSource, nameIn, optionSource, parseSettings } from "./settings/sources.ts";
import { cloudSettings, type OptionName, settingsTable } from "./settings/table.ts";

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
 * @param options the command line's; each takes precedence over its variable
 * @throws UsageError naming every setting that is wrong
 */
export function readSettings(options: SettingOptions, environment: NodeJS.ProcessEnv = process.env): Settings {
  const sources = [optionSource(settingsTable, options), environmentSource(settingsTable, environment)];
  const values = parseSettings(settingsTable, sources, "settings are wrong");
  const { work, rImage, rCommand } = values;
  const home = resolve(values.home);
  const data = resolve(values.data ?? join(home, "data"));
  const program =
    rImage === undefined
      ? resolveProgram(rCommand ?? ["Rscript", join(root, "model", "exec", "batch")], {
          directory: process.cwd(),
          workingDirectory: data,
          watch: values.watch ?? [],
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

/** All of them or none: half a stack would publish into one place and report to another. */
function cloudOf(values: { readonly [Name in keyof Cloud]?: string | undefined }): Cloud | undefined {
  const parsed = CloudValues.safeParse(values);
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => nameIn(cloudSettings, String(path[0])));
  if (missing.length === Object.keys(cloudSettings).length) return undefined;
  throw new UsageError(`the settings of a stack belong together; missing: ${missing.join(", ")}`);
}
