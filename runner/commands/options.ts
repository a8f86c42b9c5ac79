/** Options shared by several commands. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { RawOnly } from "../catalog/select.ts";
import { defaultText, type VariableSetting } from "../settings/setting.ts";
import { type OptionName, settingsTable } from "../settings/table.ts";
import { withProgramName } from "./hints.ts";

/** Options for the state, local or in AWS, and its catalog. */
export function stateOptions(command: Command): Command {
  return localOptions(command).option(
    "--stack <name>",
    "a stack deployed in AWS instead, by its name or a .json file with its outputs",
  );
}

/** Options for the local state and its catalog. */
export function localOptions(command: Command): Command {
  return command.addOption(settingOption("home")).addOption(settingOption("catalog"));
}

export interface StateOptions {
  readonly home?: string;
  readonly catalog?: string;
  readonly stack?: string;
}

/** The option for the stack, for commands that work only on a deployed stack. */
export function stackOption(command: Command): Command {
  return command.option(
    "--stack <name>",
    "the deployed stack, or a .json file with its outputs (default: Pulumi's selection)",
  );
}

export interface StackOptions {
  readonly stack?: string;
}

/** Options that replace a preset's lists. */
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

/** Options for what to draw, and the program that draws it. */
export function selectionOptions(command: Command): Command {
  return plotOptions(command)
    .addOption(settingOption("data"))
    .addOption(settingOption("workers"))
    .addOption(settingOption("rCommand"))
    .addOption(settingOption("watch"))
    .addOption(settingOption("rImage"))
    .addOption(settingOption("rEvents"))
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

/** The option of a setting, as the table of settings describes it. */
function settingOption(name: OptionName): Option {
  const setting: VariableSetting = settingsTable[name];
  const usual = defaultText(setting).replaceAll("`", "");
  const what = [setting.description, ...(setting.repeatable ? ["repeatable"] : [])].join("; ");
  const option = new Option(settingsTable[name].option, usual === "none" ? what : `${what} (default: ${usual})`);
  return setting.repeatable ? option.argParser(collect) : option;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
