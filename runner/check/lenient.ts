/**
 * Reads JSON values as R's serializers write them: an empty value as `{}`, a single value with or without an array, a
 * missing one as `null` or `"NA"`, a code that looks like a number as a number. Used for figures and for metadata, so
 * that both accept the same deviations.
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

/** Unwraps arrays of one element, at any depth; returns other values unchanged. */
export function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? single(value[0]) : value;
}

/** Whether a value is empty: absent, `null`, `{}`, `[]`, `""` or `"NA"`, alone or in an array of one. */
export function isBlank(value: unknown): boolean {
  const only = single(value);
  if (only === undefined || only === null || only === "" || only === "NA") return true;
  return Array.isArray(only) ? only.length === 0 : isEmptyObject(only);
}

/** The text of a string or number, alone or in an array of one; undefined for other values. */
export function asText(value: unknown): string | undefined {
  const only = single(value);
  if (typeof only === "number") return String(only);
  return typeof only === "string" ? only : undefined;
}

/** Whether a value is this name or code: the same text in NFC, or the number that the text stands for (1.1 for `1.10`). */
export function isNamed(value: unknown, name: string): boolean {
  const only = single(value);
  if (typeof only === "string") return sameName(only, name);
  return typeof only === "number" && name.trim() !== "" && Number(name) === only;
}
