/** Validates what a database gives back: another program, or another version, may have written it. */
import { z } from "zod";
import { messageOf, UnavailableError } from "../errors.ts";

/**
 * @param where names the place for the message
 * @throws {UnavailableError} saying what was expected there
 */
export function parseStored<T extends z.ZodType>(schema: T, value: unknown, where: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new UnavailableError(`${where}: ${explain(parsed.error)}`);
  return parsed.data;
}

/** As {@link parseStored}, for a record stored as JSON text. */
export function parseStoredJson<T extends z.ZodType>(schema: T, text: unknown, where: string): z.infer<T> {
  let value: unknown;
  try {
    value = JSON.parse(z.string().parse(text));
  } catch (thrown) {
    throw new UnavailableError(`${where}: not JSON (${messageOf(thrown)})`);
  }
  return parseStored(schema, value, where);
}

/** `counts.expected: expected number, received string; …`, the first three of them. */
export function explain(error: z.ZodError): string {
  const told = error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.length === 0 ? "" : `${issue.path.join(".")}: `}${issue.message}`);
  return told.join("; ");
}
