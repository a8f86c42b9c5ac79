/** The grammar of all policies that `infra/` writes, of roles and of resources; whatever is outside of it is an error. */
import { z } from "zod";

const Texts = z.union([z.string(), z.array(z.string()).min(1)]);

export const Conditions = z.partialRecord(
  z.enum(["StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool", "ForAllValues:StringEquals"]),
  z.record(z.string(), Texts),
);
export type Conditions = z.infer<typeof Conditions>;

export const Statement = z.strictObject({
  Sid: z.string().regex(/^[A-Za-z0-9]+$/),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.union([z.literal("*"), z.strictObject({ Service: z.string() })]).optional(),
  Action: z.array(z.string()).min(1),
  Resource: z.array(z.string()).min(1).optional(),
  Condition: Conditions.optional(),
});

export const Document = z.strictObject({ Version: z.literal("2012-10-17"), Statement: z.array(Statement) });
