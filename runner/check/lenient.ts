/**
 * Reads JSON values as R's serializers write them: an empty value as `{}`, a single value in an array or out of it, a
 * missing one as `null` or `"NA"`, a code that looks like a number as a number. The same measure for figures and
 * metadata.
 */
import { sameName } from "../text/utf8.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isEmptyObject(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const _ in value) return false;
  return true;
}

/** The only element of an array of one, at any depth; any other value as it is. */
export function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? single(value[0]) : value;
}

/** Whether a value says nothing: absent, `null`, `{}`, `[]`, `""` or `"NA"`, alone or in an array of one. */
export function isBlank(value: unknown): boolean {
  const only = single(value);
  if (only === undefined || only === null || only === "" || only === "NA") return true;
  return Array.isArray(only) ? only.length === 0 : isEmptyObject(only);
}

/** A text, alone or in an array of one; a number as its digits. Undefined where the value is neither. */
export function asText(value: unknown): string | undefined {
  const only = single(value);
  if (typeof only === "number") return String(only);
  return typeof only === "string" ? only : undefined;
}

/** Whether a value is this name or code, in NFC: as text, or as the number that the text reads as (`1.1` for `1.10`). */
export function isNamed(value: unknown, name: string): boolean {
  const only = single(value);
  if (typeof only === "string") return sameName(only, name);
  return typeof only === "number" && name.trim() !== "" && Number(name) === only;
}
