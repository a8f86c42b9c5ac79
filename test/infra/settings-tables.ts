/** The tables of settings in the documentation. */
import { type ConfigKey, configTable } from "../../infra/config-table.ts";
import { defaultText, type Setting, type VariableTable } from "../../runner/settings/setting.ts";
import { flagOf } from "../../runner/settings/sources.ts";

/** The table of `docs/infrastructure.md`: the keys of `pulumi config set`. */
export function keysTable(): string {
  const keys: readonly (readonly [string, ConfigKey])[] = Object.entries(configTable);
  return tableOf(
    ["key", "default", "what"],
    keys.map(([key, setting]) => [code(key), defaultText(setting), whatOf(setting, setting.earlierKey)]),
  );
}

/** A table of `docs/settings.md`: variables, with their options where there are any. */
export function variablesTable(settings: VariableTable): string {
  const rows = Object.values(settings);
  const hasOptions = rows.some(({ option }) => option !== undefined);
  return tableOf(
    [...(hasOptions ? ["option"] : []), "variable", "default", "what"],
    rows.map((setting) => [
      ...(hasOptions ? [code(flagOf(setting))] : []),
      code(setting.variable),
      defaultText(setting),
      whatOf(
        { ...setting, ...(setting.repeatable && { description: `${setting.description}; repeatable` }) },
        setting.earlierVariable,
      ),
    ]),
  );
}

function whatOf(setting: Setting, earlier: string | undefined): string {
  const { description, unit, example } = setting;
  const hasUnit = unit === undefined || defaultText(setting).includes(unit);
  const sentences = [
    hasUnit ? description : `${description} (${unit})`,
    ...(example === undefined ? [] : [`Example: ${code(example)}`]),
    ...(earlier === undefined ? [] : [`Earlier name: ${code(earlier)}`]),
  ];
  return sentences.join(". ");
}

const code = (text: string | undefined) => (text === undefined ? "" : `\`${text}\``);

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [heads, heads.map(() => "---"), ...rows].map(line).join("\n");
}
