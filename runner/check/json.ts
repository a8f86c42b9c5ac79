/** Explains why a text is not JSON, for the author of the program that wrote it. */
import { messageOf } from "../errors.ts";

/** @returns the end of a sentence: `is not JSON: it contains a bare NaN or Infinity` */
export function whyNotJson(text: string, error: unknown): string {
  if (/[[,:]\s*-?(NaN|Inf|Infinity)\b/.test(text)) return "is not JSON: it contains a bare NaN or Infinity";
  if (!text.trimEnd().endsWith("}")) return "is not JSON: it was cut off in the middle";
  return `is not JSON: ${messageOf(error)}`;
}
