/** What describes a setting, and the types that settings have in common. Every type reads text. */
import { z } from "zod";

/** A setting, wherever it is given. */
export interface Setting {
  /** Reads the text; gives the default for undefined. */
  readonly type: z.ZodType;
  /** For people: the help of the command line and the tables of the documentation show it. Markdown without tables. */
  readonly description: string;
  /** Of a number: `seconds`. */
  readonly unit?: string;
  /** The default in words, where the type has none or it depends on the machine. */
  readonly default?: string;
  readonly example?: string;
}

/** A setting that has an environment variable. */
export interface VariableSetting extends Setting {
  readonly variable: string;
  /** The variable's name in earlier versions, which is still read. */
  readonly earlierVariable?: string;
  /** The option of the command line as commander takes it: `--workers <number>`. */
  readonly option?: string;
  /** Whether the option can be given several times. */
  readonly repeatable?: boolean;
}

/** Settings by name. */
export type VariableTable = Readonly<Record<string, VariableSetting>>;

/** The schema of an object with a value for each setting of a table. */
export function objectOf<T extends Readonly<Record<string, Setting>>>(table: T) {
  const shape = Object.fromEntries(Object.entries(table).map(([name, { type }]) => [name, type]));
  // Object.fromEntries loses which name has which type
  return z.object(shape as { -readonly [Name in keyof T]: T[Name]["type"] });
}

/** @returns the default as the documentation shows it, in Markdown */
export function defaultText({ type, default: words, unit }: Setting): string {
  if (words !== undefined) return words;
  const { data } = type.safeParse(undefined);
  if (data === undefined || (typeof data === "object" && data !== null && Object.keys(data).length === 0))
    return "none";
  const text = Array.isArray(data) ? data.join(" ") : String(data);
  return `\`${text}\`${unit === undefined ? "" : ` ${unit}`}`;
}

export const Flag = z.enum(["0", "1", "true", "false"]).transform((text) => text === "1" || text === "true");
export const Whole = z.coerce.number().int().positive();

/** Words: separated by blanks, or a JSON array where a word contains blanks. @param expected names the form in messages */
export const words = (expected: string) =>
  z.string().transform((text, context): string[] => {
    if (!text.trimStart().startsWith("[")) return text.split(/\s+/).filter((word) => word !== "");
    const array = z.array(z.string()).min(1).safeParse(parseJson(text));
    if (array.success) return array.data;
    context.addIssue({ code: "custom", message: `expected "${expected}" or a JSON array of texts` });
    return z.NEVER;
  });

/** The words of a command. */
export const Command = words("PROGRAM ARGS");

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
