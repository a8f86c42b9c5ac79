/**
 * The table of settings: name, variable, option, type, default, unit and description of each. The environment, the task
 * definition, the command line and the tables of docs/settings.md and docs/infrastructure.md come from it.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Capacity } from "../domain.ts";
import { root } from "../root.ts";
import { Command, Flag, type VariableTable, Whole, words } from "./setting.ts";

/** Settings of a run, on any machine. */
export const runSettings = {
  home: {
    variable: "REPLOT_HOME",
    option: "--home <directory>",
    type: z.string().default(".replot"),
    description: "local state",
  },
  catalog: {
    variable: "REPLOT_CATALOG",
    option: "--catalog <file>",
    type: z.string().default(join(root, "catalog", "ryan-white.yaml")),
    default: "the catalog of the ryan-white model",
    description: "what can be plotted",
  },
  data: {
    variable: "REPLOT_DATA",
    option: "--data <directory>",
    type: z.string().optional(),
    default: "data/ of the home",
    description: "where simulations/ lies",
  },
  workers: {
    variable: "REPLOT_WORKERS",
    option: "--workers <number>",
    type: Whole.default(availableParallelism()),
    default: "one per core",
    description: "processes of R at once",
  },
  rCommand: {
    variable: "REPLOT_R_COMMAND",
    option: "--r-command <command>",
    type: Command.optional(),
    default: "the ryan-white model; in an image: batch",
    description: 'program that draws: "PROGRAM ARGS", or a JSON array of words',
  },
  watch: {
    variable: "REPLOT_WATCH",
    option: "--watch <file>",
    repeatable: true,
    type: words("FILE FILE").optional(),
    description: "another file or directory that the program uses",
  },
  rImage: {
    variable: "REPLOT_R_IMAGE",
    option: "--r-image <image>",
    type: z.string().min(1).optional(),
    description: "container image that draws, run with Podman or Docker",
  },
  rEvents: {
    variable: "REPLOT_R_EVENTS",
    option: "--r-events",
    type: Flag.optional(),
    default: "true for the ryan-white model, otherwise false",
    description: "the program or image takes --events FILE and tells of each plot it finished",
  },
  rDirectory: {
    variable: "REPLOT_R_DIRECTORY",
    type: z.string().optional(),
    default: "its working directory",
    description: "where the image looks for simulations/",
  },
  attempts: {
    variable: "REPLOT_ATTEMPTS",
    type: Whole.default(3),
    description: "starts of R for one city, at most",
  },
  cityTimeoutSeconds: {
    variable: "REPLOT_CITY_TIMEOUT_SECONDS",
    earlierVariable: "REPLOT_DEADLINE",
    type: Whole.default(3600),
    unit: "seconds",
    description: "time that one start of R may take for one city",
  },
} as const satisfies VariableTable;

/** The stores of a deployed stack. A task gets them from its definition. */
export const cloudSettings = {
  stack: { variable: "REPLOT_STACK", type: z.string().optional(), description: "name of the stack" },
  dataBucket: { variable: "REPLOT_DATA_BUCKET", type: z.string().optional(), description: "bucket with the inputs" },
  plotsBucket: { variable: "REPLOT_PLOTS_BUCKET", type: z.string().optional(), description: "bucket with the plots" },
  plotsTable: { variable: "REPLOT_PLOTS_TABLE", type: z.string().optional(), description: "table of the plots" },
  runsTable: { variable: "REPLOT_RUNS_TABLE", type: z.string().optional(), description: "table of the runs" },
  topicArn: { variable: "REPLOT_TOPIC_ARN", type: z.string().optional(), description: "ARN of the topic for e-mails" },
} as const satisfies VariableTable;

/** Settings of a run that is the task of a stack. */
export const taskSettings = {
  work: {
    variable: "REPLOT_WORK",
    type: z.string().optional(),
    description:
      "work directory, on the volume that both containers share. With it R is started by the other container, not by the runner",
  },
  scheduledTime: {
    variable: "REPLOT_SCHEDULED_TIME",
    type: z.iso.datetime({ offset: true }).optional(),
    description:
      "when the schedule planned the run to begin (ISO 8601). Only a scheduled run has it, and takes its id from it",
    example: "2026-11-22T09:00:00Z",
  },
  successEmails: {
    variable: "REPLOT_SUCCESS_EMAILS",
    type: Flag.default(true),
    description: "whether runs without any finding are reported by e-mail as well",
  },
  capacity: {
    variable: "REPLOT_CAPACITY",
    type: Capacity.default("FARGATE"),
    description: "what the task runs on: `FARGATE`, or `FARGATE_SPOT` at a third of the price, which AWS may stop",
  },
  maxRunSeconds: {
    variable: "REPLOT_MAX_RUN_SECONDS",
    earlierVariable: "REPLOT_LONGEST_LIFE",
    type: Whole.optional(),
    unit: "seconds",
    description: "time after which the task's entry point ends the run",
  },
} as const satisfies VariableTable;

export const settingsTable = { ...runSettings, ...cloudSettings, ...taskSettings } as const;

type SettingsTable = typeof settingsTable;

/** A setting that has an option of the command line. */
export type OptionName = {
  [Name in keyof SettingsTable]: SettingsTable[Name] extends { readonly option: string } ? Name : never;
}[keyof SettingsTable];
