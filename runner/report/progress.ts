/** Tracks the progress of a run from the events of the pipeline, and formats it for a terminal. */
import type { CityCode } from "../domain.ts";
import { count, duration, plural } from "../format/format.ts";
import type { CityPlan } from "../plan/plan.ts";
import type { CityRecord, CityState } from "../records.ts";
import { groupAlike } from "./alike.ts";

export interface CityProgress {
  readonly city: CityCode;
  readonly name: string;
  state: CityState;
  due: number;
  done: number;
  refused: number;
  attempt: number;
  /** Milliseconds since 1970. */
  since: number;
}

export interface Progress {
  readonly cities: Map<CityCode, CityProgress>;
  readonly began: number;
}

export function newProgress(plans: readonly CityPlan[], nameOf: (city: CityCode) => string, now: number): Progress {
  const cities = plans.map(({ city, due }): [CityCode, CityProgress] => [
    city,
    { city, name: nameOf(city), state: "pending", due: due.length, done: 0, refused: 0, attempt: 0, since: now },
  ]);
  return { cities: new Map(cities), began: now };
}

/** `12,420 of 56,358 plots, 7 of 31 cities, 3 min left`. @param now milliseconds since 1970 */
export function overview({ cities, began }: Progress, now: number): string {
  const all = [...cities.values()];
  const due = sum(all, (city) => city.due);
  const done = sum(all, (city) => (city.state === "pending" || city.state === "running" ? city.done : city.due));
  const ended = all.filter(({ state }) => state !== "pending" && state !== "running").length;
  const refused = sum(all, (city) => city.refused);
  const elapsed = (now - began) / 1000;
  // R's start dominates the rate of the first plots
  const left = done >= 20 && done < due ? `, about ${duration((elapsed / done) * (due - done))} left` : "";
  const wrong = refused > 0 ? `, ${count(refused)} refused` : "";
  return `${count(done)} of ${plural(due, "plot")}${wrong}, ${ended} of ${plural(all.length, "city", "cities")}, ${duration(elapsed)}${left}`;
}

const barWidth = 24;

/** One line for each running city, and the overview. */
export function frame(progress: Progress, now: number, columns: number | undefined): string {
  const running = [...progress.cities.values()].filter(({ state }) => state === "running");
  const width = Math.max(0, ...running.map(({ city, name }) => city.length + name.length + 1));
  const lines = running.map((city) => {
    const share = city.due === 0 ? 1 : city.done / city.due;
    const filled = Math.round(share * barWidth);
    const bar = `${"━".repeat(filled)}${"·".repeat(barWidth - filled)}`;
    const again = city.attempt > 1 ? `  attempt ${city.attempt}` : "";
    const label = `${city.city} ${city.name}`.padEnd(width);
    return `  ${label}  ${bar}  ${count(city.done)}/${count(city.due)}  ${duration((now - city.since) / 1000)}${again}`;
  });
  return [...lines, `  ${overview(progress, now)}`].map((line) => line.slice(0, columns)).join("\n");
}

/** Reasons why cities are not drawn, for reasons that several cities share: `27 cities not drawn: baseline missing: <city>_base.Rdata`. */
export function notDrawn(
  plans: readonly CityPlan[],
): { readonly cities: readonly CityCode[]; readonly line: string }[] {
  const groups = groupAlike(
    plans.filter(({ due }) => due.length === 0),
    ({ city }) => city,
    ({ why }) => why,
  );
  return groups
    .filter(({ items }) => items.length > 1)
    .map(({ items, text }) => ({
      cities: items.map(({ city }) => city),
      line: `${plural(items.length, "city", "cities")} not drawn: ${text}`,
    }));
}

/** The result of a city, in one line. */
export function endLine(record: CityRecord, name: string): string {
  const { counts, state, seconds } = record;
  const label = `${record.city} ${name}`.padEnd(24);
  const took = record.attempts.length === 0 ? "" : `  ${duration(seconds)}`;
  const detail = {
    published: `${count(counts.changed)} new or changed, ${count(counts.unchanged + counts.skipped)} unchanged`,
    skipped: record.why,
    partial: `${count(counts.missing)} of ${count(counts.expected)} missing: ${record.reason ?? ""}`,
    failed: record.reason ?? "",
    held: record.reason ?? "",
    pending: record.reason ?? "not finished",
    running: "",
  }[state];
  return `${label}  ${state.padEnd(9)}  ${detail}${took}`;
}

function sum(cities: readonly CityProgress[], of: (city: CityProgress) => number): number {
  return cities.reduce((total, city) => total + of(city), 0);
}
