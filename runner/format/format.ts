/** Formats numbers, sizes and times for users. */

/** `54,322` */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 plot`, `218 plots`. */
export function plural(value: number, singular: string, many = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : many}`;
}

/** `0.4 s`, `8 s`, `4 min 10 s`, `41 min`, `2 h 5 min`. @param seconds may have fractions */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return parts([Math.floor(whole / 60), "min"], [whole % 60, "s"]);
  const minutes = Math.round(whole / 60);
  return parts([Math.floor(minutes / 60), "h"], [minutes % 60, "min"]);
}

function parts(...all: readonly (readonly [number, string])[]): string {
  return all
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

/** `3.58 GB`, decimal units. */
export function size(bytes: number): string {
  for (const [unit, factor] of [["GB", 1e9] as const, ["MB", 1e6] as const, ["kB", 1e3] as const]) {
    if (bytes >= factor) return `${(bytes / factor).toPrecision(3)} ${unit}`;
  }
  return `${bytes} bytes`;
}

/** `program` or `R image`, depending on the identity in a row. */
export function drawerKind(image: string): "program" | "R image" {
  return image.startsWith("local:") ? "program" : "R image";
}

/** `2026-11-22` of an ISO time or of a run id. */
export function day(stamp: string): string {
  return stamp.slice(0, 10);
}

/** `09:00 UTC` of an ISO time. */
export function clock(stamp: string): string {
  return `${stamp.slice(11, 16)} UTC`;
}
