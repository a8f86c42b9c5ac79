/** Schedule expressions as EventBridge Scheduler takes them: `cron(0 4 ? * SUN *)`, `rate(7 days)`, `at(…)`. */
import { isTimeZone, unsettledHours } from "./time-zone.ts";

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words for numbers, the first for `least`. */
  readonly words?: readonly string[];
  /** Forms of its own besides numbers, lists, ranges and steps. */
  readonly special?: RegExp;
}

const fields: readonly Field[] = [
  { name: "minutes", least: 0, most: 59 },
  { name: "hours", least: 0, most: 23 },
  { name: "day of month", least: 1, most: 31, special: /^(\?|L|LW|L-\d{1,2}|\d{1,2}W)$/ },
  {
    name: "month",
    least: 1,
    most: 12,
    words: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  },
  {
    name: "day of week",
    least: 1,
    most: 7,
    words: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    special: /^(\?|L|[1-7]L|[1-7]#[1-5])$/,
  },
  { name: "year", least: 1970, most: 2199 },
];

const example = "for example cron(0 4 ? * SUN *)";

/** What is wrong with an expression; undefined where nothing is. */
export function expressionProblem(expression: string): string | undefined {
  const [, kind, inside] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === undefined || inside === undefined) {
    return `"${expression}" is none of cron(...), rate(...), at(...); ${example}, or off`;
  }
  if (kind === "rate") return rateProblem(inside);
  return kind === "at" ? atProblem(inside) : cronProblem(inside);
}

/**
 * Why the hours of an expression and its time zone don't go together. Where clocks change, an hour of the night comes
 * twice on one day and not at all on another.
 */
export function clockProblem(expression: string, timeZone: string): string | undefined {
  if (!isTimeZone(timeZone) || expressionProblem(expression) !== undefined) return undefined;
  const hours = hoursOf(expression);
  if (hours.length === 0) return undefined;
  const changing = unsettledHours(timeZone);
  if (changing.size === 0) return undefined;
  // where clocks change at all they do it between 1 and 3 nearly everywhere, and lawmakers move it within that
  const bad = hours.find((hour) => changing.has(hour) || hour === 1 || hour === 2);
  if (bad === undefined) return undefined;
  return (
    `schedule: ${expression} is at ${clock(bad)}, and clocks change between 01:00 and 03:00 in ${timeZone}: ` +
    "once a year the run would be skipped or start twice; choose another hour, such as 4, or the time zone UTC"
  );
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

/** Hours at which a valid expression fires, by its time zone's clock; none for `rate`, which knows no clock. */
function hoursOf(expression: string): number[] {
  const at = /^at\(\d{4}-\d\d-\d\dT(\d\d):/.exec(expression)?.[1];
  if (at !== undefined) return [Number(at)];
  const [, inside] = /^cron\((.*)\)$/.exec(expression) ?? [];
  const [, hours] = fields;
  const text = inside?.trim().split(/\s+/)[1];
  return hours === undefined || text === undefined ? [] : (fieldValues(hours, text) ?? []);
}

function rateProblem(inside: string): string | undefined {
  const [, value, unit] = /^(\d+) (minutes?|hours?|days?)$/.exec(inside) ?? [];
  if (value === undefined || unit === undefined || Number(value) === 0) {
    return `rate(${inside}): expected a number and minutes, hours or days; for example rate(7 days)`;
  }
  const one = Number(value) === 1;
  if (one === unit.endsWith("s"))
    return `rate(${inside}): AWS wants ${one ? `1 ${unit.slice(0, -1)}` : `${value} ${unit}s`}`;
  return undefined;
}

function atProblem(inside: string): string | undefined {
  const valid = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inside) && !Number.isNaN(Date.parse(`${inside}Z`));
  if (valid) return undefined;
  return `at(${inside}): expected a date and a time; for example at(2027-01-03T04:00:00)`;
}

function cronProblem(inside: string): string | undefined {
  const texts = inside.trim().split(/\s+/);
  if (texts.length !== fields.length) {
    const names = fields.map(({ name }) => name).join(", ");
    return `cron(${inside}): expected six fields (${names}), found ${texts.length}; ${example}`;
  }
  const wrong = fields.flatMap((field, n) => {
    const text = texts[n] ?? "";
    return fieldValues(field, text) === undefined ? [`${field.name} "${text}"`] : [];
  });
  if (wrong.length > 0) return `cron(${inside}): ${wrong.join(", ")} can't be understood; ${example}`;
  if ([texts[2], texts[4]].filter((text) => text === "?").length !== 1) {
    return `cron(${inside}): exactly one of day of month and day of week must be ?; ${example}`;
  }
  return undefined;
}

/** The numbers that a field of a cron expression means: none for its special forms, undefined for what is wrong. */
function fieldValues(field: Field, text: string): number[] | undefined {
  if (field.special?.test(text)) return [];
  const values: number[] = [];
  for (const part of text.split(",")) {
    const [, range = "", step = "1"] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [from, to] = ends(field, range, part.includes("/"));
    if (from === undefined || to === undefined || from > to || Number(step) < 1) return undefined;
    for (let value = from; value <= to; value += Number(step)) values.push(value);
  }
  return values;
}

/** @param open a step follows: `3/6` goes on to the end of the field */
function ends(field: Field, range: string, open: boolean): [number | undefined, number | undefined] {
  if (range === "*") return [field.least, field.most];
  const [first = "", last, ...more] = range.split("-");
  if (more.length > 0) return [undefined, undefined];
  const from = numberOf(field, first);
  if (last !== undefined) return [from, numberOf(field, last)];
  return [from, open ? field.most : from];
}

function numberOf({ least, most, words = [] }: Field, text: string): number | undefined {
  const word = words.indexOf(text.toUpperCase());
  const value = word >= 0 ? least + word : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}
