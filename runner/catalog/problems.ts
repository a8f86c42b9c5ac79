/** Turns the problems of a catalog file into messages with the place, what was expected and what was found. */
import type { z } from "zod";
import { suggestion } from "../text/nearest.ts";
import type { Path, PositionedYaml } from "./positions.ts";

export interface Problem {
  readonly path: Path;
  /** Whether the last key of the path is wrong, not its value. */
  readonly key?: boolean;
  readonly text: string;
}

/** `catalog/x.yaml:12:5: presets.test.cities[2]: unknown city "C.1294"`, in the order of the file. */
export function problemLines(file: string, yaml: PositionedYaml, problems: readonly Problem[]): string[] {
  return problems
    .map((problem) => ({ ...problem, offset: yaml.offset(problem.path, problem.key) }))
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ offset, path, text }) => {
      const { line, column } = yaml.position(offset);
      return [`${file}:${line}:${column}`, ...(spell(path) === "" ? [] : [spell(path)]), text].join(": ");
    });
}

/** @param issues of a parse with `reportInput` */
export function schemaProblems(issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const { path, input } = issue;
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...path, key],
        key: true,
        text: `unknown key${suggestion(key, issue.message.split(", "))}`,
      }));
    }
    if (issue.code === "invalid_key") {
      return [{ path, key: true, text: issue.issues.map(({ message }) => message).join("; ") }];
    }
    if (issue.code === "invalid_union") {
      // of a list with one bad item, report the item: choose the alternative that was followed furthest
      const inside = issue.errors.find((alternative) => alternative.some((inner) => inner.path.length > 0));
      if (inside !== undefined) {
        return schemaProblems(inside.map((inner) => ({ ...inner, path: [...path, ...inner.path] })));
      }
    }
    const expected = expectation(issue);
    if (input === undefined) return [{ path, text: `missing; expected ${expected ?? issue.message}` }];
    const what = expected === undefined ? issue.message : `expected ${expected}`;
    return [{ path, text: `${what}, found ${show(input)}${nearValue(issue)}` }];
  });
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

/** What would be right, as a noun; undefined where the issue's message says it. */
function expectation(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return kinds[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map(String).join(" or ");
    case "invalid_union":
      return issue.errors.flatMap(([first]) => (first && expectation(first)) ?? []).join(" or ");
    case "too_small":
      if (issue.origin === "string") return "text that is not empty";
      if (issue.origin !== "array") return `a number ${issue.inclusive ? "of at least" : "above"} ${issue.minimum}`;
      return Number(issue.minimum) === 1 ? "at least one item" : `${issue.minimum} items`;
    case "too_big":
      return issue.origin === "array" ? `${issue.maximum} items` : `a number of at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

/** The end of a message about a word that is not one of the allowed ones, if one of these is similar. */
function nearValue(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_value" || typeof issue.input !== "string") return "";
  const near = suggestion(issue.input, issue.values.map(String));
  return near.startsWith("; did") ? near : "";
}

function show(found: unknown): string {
  if (found === null) return "nothing";
  if (Array.isArray(found)) return found.length === 0 ? "an empty list" : `a list of ${found.length}`;
  if (typeof found !== "object") return JSON.stringify(found);
  return Object.keys(found).length === 0 ? "an empty mapping" : "a mapping";
}

function spell(path: Path): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`));
  return steps.join("").replace(/^\./, "");
}
