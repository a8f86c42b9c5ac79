/** Parts of the schemas of files that people write, all of whose scalars are read as text. */
import { z } from "zod";

/** Text that is not empty. */
export const text = z.string().trim().min(1);

/** A number, read from its text. */
export function numeric<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (found) =>
      typeof found === "string" && found.trim() !== "" && !Number.isNaN(Number(found)) ? Number(found) : found,
    schema,
  );
}

/** An object that refuses unknown keys. The message of that issue lists the known ones; `problems.ts` reads it. */
export function fields<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") : undefined),
  });
}
