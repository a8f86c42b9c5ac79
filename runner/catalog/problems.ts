/** Mistakes in a file: found by schema or by hand, told with their place and what was expected. */
import type { z } from "zod";
import { suggestion } from "../text/nearest.ts";
import type { Path, PositionedYaml } from "./positions.ts";

export interface Problem {
  readonly path: Path;
  /** The key at the end of the path is wrong, not its value. */
  readonly key?: boolean;
  readonly text: string;
}

/** `catalog/x.yaml:12:5: presets.test.cities[2]: unknown city "C.1294"`, in the order of the file. */
export function problemLines(file: string, yaml: PositionedYaml, problems: readonly Problem[]): string[] {
  return problems
    .map((problem) => ({ ...yaml.place(problem.path, problem.key), ...problem }))
    .toSorted((one, other) => one.line - other.line || one.column - other.column)
    .map(({ line, column, path, text }) => {
      const where = spell(path);
      return `${file}:${line}:${column}: ${where === "" ? "" : `${where}: `}${text}`;
    });
}

/** What a schema found, in words. */
export function schemaProblems(issues: readonly z.core.$ZodIssue[], value: unknown): Problem[] {
  return issues.flatMap((issue) => inWords(issue, value));
}

function inWords(issue: z.core.$ZodIssue, value: unknown): Problem[] {
  const { path } = issue;
  const found = valueAt(value, path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      key: true,
      text: `unknown key${suggestion(key, issue.message.split(", "))}`,
    }));
  }
  if (found === undefined && path.length > 0) return [{ path, text: `missing; expected ${expectation(issue)}` }];
  switch (issue.code) {
    case "invalid_key":
      return [{ path, key: true, text: issue.issues.map(({ message }) => message).join("; ") }];
    case "invalid_union": {
      // the choice that got further: for a list with one bad item, the item
      const inside = issue.errors.find((choice) => choice.some((inner) => inner.path.length > 0));
      if (inside === undefined) return [{ path, text: `expected ${expectation(issue)}, found ${show(found)}` }];
      return inside.flatMap((inner) => inWords({ ...inner, path: [...path, ...inner.path] }, value));
    }
    case "invalid_value": {
      const near = typeof found === "string" ? suggestion(found, issue.values.map(String)) : "";
      return [
        { path, text: `expected ${expectation(issue)}, found ${show(found)}${near.startsWith("; did") ? near : ""}` },
      ];
    }
    case "invalid_type": {
      return [{ path, text: `expected ${expectation(issue)}, found ${show(found)}` }];
    }
    case "too_small":
    case "too_big": {
      const number = issue.origin === "number" || issue.origin === "int";
      return [{ path, text: `expected ${expectation(issue)}, found ${number ? String(found) : show(found)}` }];
    }
    default:
      return [{ path, text: `${issue.message}, found ${show(found)}` }];
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  object: "a mapping (key: value)",
  record: "a mapping (key: value)",
  array: "a list",
  tuple: "a list",
};

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return kinds[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map(String).join(" or ");
    case "invalid_union":
      return issue.errors.flatMap((choice) => choice.slice(0, 1).map(expectation)).join(" or ");
    case "too_small":
      if (issue.origin === "string") return "text that is not empty";
      if (issue.origin !== "array") return `a number ${issue.inclusive ? "of at least" : "above"} ${issue.minimum}`;
      return Number(issue.minimum) === 1 ? "at least one item" : `${issue.minimum} items`;
    case "too_big":
      return issue.origin === "array" ? `${issue.maximum} items` : `a number of at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function show(found: unknown): string {
  if (found === undefined || found === null) return "nothing";
  if (Array.isArray(found)) return found.length === 0 ? "an empty list" : `a list of ${found.length}`;
  if (typeof found !== "object") return JSON.stringify(found);
  return Object.keys(found).length === 0 ? "an empty mapping" : "a mapping";
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Reflect.get(found, step);
  }
  return found;
}

function spell(path: Path): string {
  return path
    .map((step, depth) => (typeof step === "number" ? `[${step}]` : `${depth === 0 ? "" : "."}${String(step)}`))
    .join("");
}
