/**
 * Policies as IAM evaluates them: denied unless a statement allows it. Only the grammar that `infra/` writes for roles;
 * whatever is outside of it is an error, never a pass.
 */
import { z } from "zod";
import * as grammar from "./grammar.ts";

const operators = {
  StringEquals: { each: (pattern: string, value: string) => pattern === value, all: false },
  StringLike: { each: like, all: false },
  ArnEquals: { each: likeArn, all: false },
  ArnLike: { each: likeArn, all: false },
  Bool: { each: (pattern: string, value: string) => pattern.toLowerCase() === value.toLowerCase(), all: false },
  "ForAllValues:StringEquals": { each: (pattern: string, value: string) => pattern === value, all: true },
} as const;

const RoleStatement = grammar.Statement.omit({ Principal: true }).extend({
  // a role's policy only ever allows
  Effect: z.literal("Allow"),
  Action: z.array(z.string().regex(/^[a-z0-9]+:[A-Za-z]+$/, "an exact action")).min(1),
  Resource: z.array(z.string()).min(1),
});
const RolePolicy = grammar.Document.extend({ Statement: z.array(RoleStatement) });
export type Statement = z.infer<typeof RoleStatement>;

/** What a call asks for. */
export interface Request {
  /** `s3:GetObject` */
  readonly action: string;
  /** ARN; `*` where the action knows none. */
  readonly resource: string;
  /** Condition keys of the call with their values; of a key that isn't there the call has no value. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** @throws with the place where a document leaves the grammar */
export function readPolicy(text: string): readonly Statement[] {
  return RolePolicy.parse(JSON.parse(text)).Statement;
}

/** The statements that allow it; none denies it. */
export function allowing(statements: readonly Statement[], request: Request): Statement[] {
  return statements.filter(
    ({ Action, Resource, Condition }) =>
      Action.includes(request.action) &&
      Resource.some((pattern) => matches(pattern, request.resource)) &&
      holds(Condition, request.context),
  );
}

/** Whether a resource of a statement covers that of a call. */
export function matches(pattern: string, resource: string): boolean {
  return pattern === "*" || (pattern.startsWith("arn:") && likeArn(pattern, resource));
}

function holds(conditions: grammar.Conditions = {}, context: Request["context"]): boolean {
  return Object.entries(operators).every(([operator, { each, all }]) =>
    Object.entries(conditions[operator as keyof typeof operators] ?? {}).every(([key, patterns]) => {
      const values = context[key] ?? [];
      const satisfied = (value: string) => [patterns].flat().some((pattern) => each(pattern, value));
      // of a key that the call hasn't, `ForAllValues` holds and all others don't
      return all ? values.every(satisfied) : values.some(satisfied);
    }),
  );
}

/** `*` stands for any text, `?` for one letter. */
function like(pattern: string, value: string): boolean {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(value);
}

/** Part by part, as ARNs are compared: a `*` reaches over colons only in the last of the six. */
function likeArn(pattern: string, value: string): boolean {
  const [patterns, values] = [parts(pattern), parts(value)];
  return patterns.length === values.length && patterns.every((part, n) => like(part, values[n] ?? ""));
}

function parts(arn: string): string[] {
  const all = arn.split(":");
  return [...all.slice(0, 5), all.slice(5).join(":")];
}
