/**
 * The shape of a schedule's expression, so that a typing error is reported before anything is deployed. What the fields of a
 * cron expression may hold, EventBridge Scheduler knows and checks. It takes the time zone as it is: where clocks change, it skips an
 * hour that does not exist and starts once in an hour that comes twice.
 */

const example = "for example cron(0 4 ? * SUN *)";
const cronFields = ["minutes", "hours", "day of month", "month", "day of week", "year"];

/** @returns what is wrong with an expression; undefined where nothing is */
export function expressionProblem(expression: string): string | undefined {
  const [, kind, inside = ""] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  switch (kind) {
    case "cron":
      return cronProblem(inside);
    case "rate":
      return /^[1-9]\d* (minute|hour|day)s?$/.test(inside)
        ? undefined
        : `rate(${inside}): expected a number and minutes, hours or days; for example rate(7 days)`;
    case "at":
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inside) && !Number.isNaN(Date.parse(`${inside}Z`))
        ? undefined
        : `at(${inside}): expected a date and a time; for example at(2027-01-03T04:00:00)`;
    default:
      return `"${expression}" is none of cron(...), rate(...), at(...); ${example}, or off`;
  }
}

function cronProblem(inside: string): string | undefined {
  const fields = inside.trim().split(/\s+/);
  if (fields.length !== cronFields.length) {
    return `cron(${inside}): expected six fields (${cronFields.join(", ")}), found ${fields.length}; ${example}`;
  }
  const wrong = fields.flatMap((field, place) =>
    /^[0-9A-Z*?,/#-]+$/i.test(field) ? [] : [`${cronFields[place]} "${field}"`],
  );
  if (wrong.length > 0) return `cron(${inside}): ${wrong.join(", ")} can't be understood; ${example}`;
  // EventBridge Scheduler's rule; people who know another cron break it first
  if ([fields[2], fields[4]].filter((field) => field === "?").length !== 1) {
    return `cron(${inside}): exactly one of day of month and day of week must be ?; ${example}`;
  }
  return undefined;
}

/** @returns false for what Intl takes and AWS does not: offsets such as `+05:00`, and names in another spelling */
export function isTimeZone(name: string): boolean {
  const listed = Intl.supportedValuesOf("timeZone").find((zone) => zone.toLowerCase() === name.toLowerCase());
  if (listed !== undefined) return listed === name;
  if (!/^[A-Z]/.test(name)) return false;
  try {
    // aliases, such as US/Eastern
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
