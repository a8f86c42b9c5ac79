/** Where the values of settings come from, and how a list of sources becomes one object of valid values. */
import { UsageError } from "../errors.ts";
import { withCurrentNames } from "./earlier-names.ts";
import { objectOf, type VariableSetting, type VariableTable } from "./setting.ts";

/** One place that settings are given in. */
export interface SettingSource {
  /** Texts, by the settings' names. */
  readonly values: Readonly<Record<string, string>>;
  /** What a person calls the setting there: `--workers (REPLOT_WORKERS)`. */
  nameOf(setting: string): string;
  /** What is wrong with the source itself. */
  readonly problems: readonly string[];
}

/** Options of the command line. An option that can be repeated is an array. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** @param options may contain options that are no settings; those are left out */
export function optionSource(table: VariableTable, options: OptionValues): SettingSource {
  const given = Object.entries(table).flatMap(([name, { option }]) => {
    const value = options[name];
    return option === undefined || value === undefined ? [] : [[name, textOf(value)] as const];
  });
  return { values: Object.fromEntries(given), nameOf: (setting) => nameIn(table, setting), problems: [] };
}

/** Environment variables, under their earlier names too. An empty variable counts as not set. */
export function environmentSource(table: VariableTable, environment: NodeJS.ProcessEnv): SettingSource {
  const entries = Object.entries(table);
  const { values, givenAs, problems } = withCurrentNames(
    Object.fromEntries(Object.entries(environment).map(([variable, value]) => [variable, value || undefined])),
    entries.flatMap(([, { variable, earlierVariable }]) =>
      earlierVariable === undefined ? [] : [[variable, earlierVariable] as const],
    ),
  );
  const given = entries.flatMap(([name, { variable }]) => {
    const value = values[variable];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    values: Object.fromEntries(given),
    nameOf: (setting) => {
      const former = givenAs.get(table[setting]?.variable ?? "");
      return former === undefined ? nameIn(table, setting) : `${former} (now ${nameIn(table, setting)})`;
    },
    problems,
  };
}

/**
 * @param sources in the order of their precedence: the first that has a setting decides
 * @param title begins the message: `settings are wrong`
 * @returns a value for each setting; its default where no source has it
 * @throws UsageError naming every setting that is wrong
 */
export function parseSettings<T extends VariableTable>(table: T, sources: readonly SettingSource[], title: string) {
  const given = Object.fromEntries(sources.toReversed().flatMap(({ values }) => Object.entries(values)));
  const parsed = objectOf(table).safeParse(given);
  const problems = [
    ...sources.flatMap(({ problems }) => problems),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => {
      const name = String(path[0]);
      const source = sources.find(({ values }) => values[name] !== undefined);
      return `${source?.nameOf(name) ?? nameIn(table, name)}: ${message}`;
    }),
  ];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new UsageError(`${title}:\n  ${problems.join("\n  ")}`);
}

/**
 * @param values by the settings' names; undefined sets nothing
 * @returns environment variables that {@link environmentSource} reads back as these values
 */
export function environmentOf<T extends VariableTable>(
  table: T,
  values: { readonly [Name in keyof T]?: string | number | boolean | readonly string[] | undefined },
): Record<string, string> {
  const variables = Object.entries(values).flatMap(([name, value]) => {
    const variable = table[name]?.variable;
    return variable === undefined || value === undefined ? [] : [[variable, textOf(value)] as const];
  });
  return Object.fromEntries(variables);
}

/** `--workers (REPLOT_WORKERS)`, or the variable alone where there is no option. */
export function nameIn(table: VariableTable, name: string): string {
  const setting = table[name];
  if (setting === undefined) return name;
  const flag = flagOf(setting);
  return flag === undefined ? setting.variable : `${flag} (${setting.variable})`;
}

/** `--workers`. */
export function flagOf({ option }: Pick<VariableSetting, "option">): string | undefined {
  return option?.split(" ")[0];
}

function textOf(value: string | number | boolean | readonly string[]): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
