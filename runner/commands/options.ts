/** Options that several commands share, spelled once. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { RawOnly } from "../catalog/select.ts";
import { withProgramName } from "./hints.ts";

/** Where the state lies, here or in AWS, and which catalog it serves. */
export function stateOptions(command: Command): Command {
  return localOptions(command).option(
    "--stack <name>",
    "a stack deployed in AWS instead, by its name or a .json file with its outputs",
  );
}

/** Where the state lies on this machine, and which catalog it serves. */
export function localOptions(command: Command): Command {
  return command
    .option("--home <directory>", "local state (default: .replot beside replot.yaml, or here)")
    .option("--catalog <file>", "what can be plotted (default: that of replot.yaml, or of the sample model)");
}

export interface StateOptions {
  readonly home?: string;
  readonly catalog?: string;
  readonly stack?: string;
}

/** Which deployed stack, where a command works on one alone. */
export function stackOption(command: Command): Command {
  return command.option(
    "--stack <name>",
    "the deployed stack, or a .json file with its outputs (default: Pulumi's selection)",
  );
}

export interface StackOptions {
  readonly stack?: string;
}

/** What to draw, in place of a preset's lists. */
export function plotOptions(command: Command): Command {
  return command
    .option("--city <code>", "this city instead of the preset's, by code or short name; repeatable", collect)
    .option("--scenario <id>", "this scenario; repeatable", collect)
    .option("--outcome <id>", "this outcome; repeatable", collect)
    .option("--statistic <id>", "this statistic; repeatable", collect)
    .option("--facet <dimensions>", "this facet: none, sex, age+race; repeatable", collect);
}

export interface PlotOptions {
  readonly city?: string[];
  readonly scenario?: string[];
  readonly outcome?: string[];
  readonly statistic?: string[];
  readonly facet?: string[];
}

/** What to draw, and with which R. */
export function selectionOptions(command: Command): Command {
  return plotOptions(command)
    .option("--data <directory>", "where simulations/ lies (default: data/ of the home)")
    .option("--workers <number>", "processes of R at once (default: one per core)")
    .addOption(new Option("--r-command <command>", 'program that draws: "PROGRAM ARGS", or a JSON array of words'))
    .option("--watch <file>", "another file or directory that the program uses; repeatable", collect)
    .addOption(new Option("--r-image <image>", "container image that draws, run with Podman or Docker"))
    .option("--r-events", "the program or image takes --events FILE and tells of each plot it finished")
    .option("--force", "skip nothing; rewrite objects too");
}

export interface SelectionOptions extends StateOptions, PlotOptions {
  readonly data?: string;
  readonly workers?: string;
  readonly rCommand?: string;
  readonly watch?: string[];
  readonly rImage?: string;
  readonly rEvents?: boolean;
  readonly force?: boolean;
}

export function onlyOf(options: PlotOptions): RawOnly {
  return {
    cities: options.city,
    scenarios: options.scenario,
    outcomes: options.outcome,
    statistics: options.statistic,
    facets: options.facet,
  };
}

/** Help that shows the command in use. @param pairs each a command and what it does */
export function examples(pairs: readonly (readonly [string, string])[]): string {
  const lines = pairs.map(([command, what]) => [withProgramName(command), what] as const);
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, what]) => `  $ ${command.padEnd(width)}   ${what}`).join("\n")}`;
}

/** A whole number of at least 1. */
export function whole(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError("expected a whole number of at least 1.");
  return Number(value);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
