/** Hours that a time zone skips or has twice when its clocks change. */

const minute = 60_000;
const day = 24 * 60 * minute;
/** Two years have every change, and the exceptions of one year. */
const watchedDays = 2 * 366;

const known: ReadonlyMap<string, string> = new Map(
  Intl.supportedValuesOf("timeZone").map((name) => [name.toLowerCase(), name]),
);

/** @returns false for what Intl takes and AWS doesn't: offsets such as `+05:00`, and names in another spelling */
export function isTimeZone(name: string): boolean {
  const exact = known.get(name.toLowerCase());
  if (exact !== undefined) return exact === name;
  if (!/^[A-Z]/.test(name)) return false;
  try {
    // aliases, such as US/Eastern
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}

/** Of the hours 0 to 23, those of which a part does not come, or comes twice, on some day. */
export function unsettledHours(timeZone: string, from: Date = new Date()): ReadonlySet<number> {
  const offset = offsets(timeZone);
  const hours = new Set<number>();
  for (let n = 0; n < watchedDays; n += 1) {
    const start = Math.floor(from.getTime() / minute) * minute + n * day;
    const [before, after] = [offset(start), offset(start + day)];
    if (before === after) continue;
    const change = firstMinute(start, start + day, (time) => offset(time) !== before);
    const [first, last] = [change / minute + Math.min(before, after), change / minute + Math.max(before, after)];
    for (let local = first; local < last; local += 1) hours.add(Math.floor(local / 60) % 24);
  }
  return hours;
}

/** The first minute in (from, to] for which it holds; it holds for `to`. */
function firstMinute(from: number, to: number, holds: (time: number) => boolean): number {
  let [without, having] = [from, to];
  while (having - without > minute) {
    const middle = without + Math.floor((having - without) / 2 / minute) * minute;
    if (holds(middle)) having = middle;
    else without = middle;
  }
  return having;
}

/** Minutes that the zone's clocks are ahead of UTC at a time. */
function offsets(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (time) => {
    const name = format.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d\d):?(\d\d)?/.exec(name) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
}
