/** The e-mail of a run: what a tired person reads in ten seconds. Failures first. */
import type { CityRecord, RunRecord } from "../records.ts";
import { asSubject } from "../stores/subject.ts";
import { clock, count, day, duration, plural, size } from "../words.ts";
import { selectionArguments } from "./selection.ts";
import { inPlace, needAttention, type Summary, unfinished } from "./summary.ts";

export interface Email {
  /** ASCII, under 100 characters. */
  readonly subject: string;
  /** Under 200 kB. */
  readonly body: string;
}

export interface EmailOptions {
  /** How a person starts a run here: `regenerate` on a laptop, `start` in AWS. */
  readonly startCommand: "regenerate" | "start";
  /** What commands need besides, to find the same state: ` --home DIR`, or nothing. */
  readonly commandArguments: string;
  /** The same for commands that only work on the state, such as rollback, and refuse what else a run takes. */
  readonly stateArguments: string;
  /** Where a person finds a log, by its key. */
  readonly location: (key: string) => string;
  /** Whether a run without any finding is told by e-mail as well. Default true. */
  readonly successes?: boolean;
}

/** SNS takes 256 kB; beyond this the text is cut and says so. */
const maxBodyBytes = 190_000;
const nameWidth = 24;

export function composeEmail(summary: Summary, options: EmailOptions): Email {
  return { subject: subjectOf(summary), body: bodyOf(summary, options) };
}

/** Whether a person should hear of the run. */
export function isWorthAnEmail({ run, remarks }: Summary, { successes = true }: EmailOptions): boolean {
  return successes || run.state !== "complete" || remarks.length > 0;
}

function subjectOf({ run, cities }: Summary): string {
  const total = cities.length;
  const attention = needAttention(cities).length;
  const plots = `${count(inPlace(run.counts))} of ${count(run.counts.expected)} plots`;
  const which = `(${run.request.preset}, ${run.trigger === "schedule" ? "scheduled" : run.trigger})`;
  const said = {
    running: `still running, ${plots}`,
    complete:
      run.counts.changed === 0
        ? `nothing changed, ${plural(run.counts.expected, "plot")} current`
        : `complete: ${plural(total, "city", "cities")}, ${plots}, ${count(run.counts.changed)} new or changed`,
    incomplete: `${attention} of ${plural(total, "city", "cities")} ${total === 1 ? "needs" : "need"} attention, ${plots}`,
    failed: `failed: ${run.error ?? "unknown reason"}`,
    interrupted:
      total === 0
        ? "interrupted before any city was planned"
        : `interrupted with ${unfinished(cities).length} of ${plural(total, "city", "cities")} undone, ${plots}`,
  }[run.state];
  return asSubject(`${said} ${which}`);
}

function bodyOf(summary: Summary, options: EmailOptions): string {
  const { run, cities } = summary;
  const attention = needAttention(cities);
  const undone = unfinished(cities);
  const sections = [
    run.error === undefined
      ? []
      : [`The run ${run.state === "interrupted" ? "was interrupted" : "failed"}: ${run.error}`],
    attention.flatMap((city) => describeCity(city, summary, options)),
    undone.length === 0 ? [] : [`Not finished: ${undone.map((city) => label(city, summary)).join(", ")}`],
    [...totals(summary)],
    summary.remarks,
    facts(summary),
    nextCommands(summary, options),
  ].filter((section) => section.length > 0);
  const body = `${sections.map((section) => section.join("\n")).join("\n\n")}\n`;
  const bytes = Buffer.from(body);
  if (bytes.length <= maxBodyBytes) return body;
  return `${bytes.subarray(0, maxBodyBytes).toString()}\n[cut here; the rest is in summary.json]\n`;
}

function describeCity(city: CityRecord, summary: Summary, options: EmailOptions): string[] {
  const indent = " ".repeat(4 + nameWidth + 10);
  const { counts } = city;
  const attempts = city.attempts.length > 1 ? `, ${city.attempts.length} attempts` : "";
  const lines = [
    `  ${label(city, summary).padEnd(nameWidth)}  ${city.state.padEnd(8)}  ${city.reason ?? "no reason recorded"}${attempts}`,
    `${indent}${count(inPlace(counts))} of ${plural(counts.expected, "plot")}; ${count(counts.missing)} missing: ${city.missing ?? "all"}`,
    city.kept ? `${indent}${stayInPlace(city.kept, counts.missing)}` : `${indent}there were no earlier plots of these`,
    ...(city.lastLines ?? []).map((line) => `${indent}| ${line}`),
    ...city.remarks.map((remark) => `${indent}${remark}`),
  ];
  return city.log === undefined ? lines : [...lines, `${indent}log: ${options.location(city.log)}`];
}

/** `the plots of 2026-11-15 stay in place`, and for how many where not for all. */
function stayInPlace({ plots, run }: NonNullable<CityRecord["kept"]>, missing: number): string {
  const stay = plots === 1 ? "plot of {} stays" : "plots of {} stay";
  return `the ${stay.replace("{}", day(run))} in place${plots === missing ? "" : ` for ${count(plots)} of these`}`;
}

function label(city: CityRecord, { names }: Summary): string {
  return `${city.city} ${names[city.city] ?? ""}`.trimEnd();
}

function totals({ run, cities }: Summary): string[] {
  const done = cities.filter(({ state }) => state === "published" || state === "skipped");
  const skipped = done.filter(({ state }) => state === "skipped");
  const complete = `${plural(done.length, "city", "cities")} complete${skipped.length > 0 ? ` (${count(skipped.length)} unchanged and not rendered)` : ""}.`;
  const { changed, unchanged, skipped: current } = run.counts;
  return [
    `${complete} Plots: ${count(changed)} new or changed, ${count(unchanged + current)} unchanged.`,
    ...(run.notApplicable > 0 ? [`${plural(run.notApplicable, "combination")} not applicable by the catalog.`] : []),
    ...reasonsToRun(cities),
    ...done.flatMap((city) => city.remarks.map((remark) => `${city.city}: ${remark}`)),
  ];
}

/** Why cities ran: the same words are said once, with the cities they hold for. */
function reasonsToRun(cities: readonly CityRecord[]): string[] {
  const byReason = Map.groupBy(
    cities.filter(({ state }) => state !== "skipped"),
    ({ why }) => why,
  );
  return [...byReason].map(([why, group]) => {
    const named = group.length <= 3 ? group.map(({ city }) => city).join(", ") : plural(group.length, "city", "cities");
    return `Ran because: ${why} (${named}).`;
  });
}

function facts({ run, cities, inputs }: Summary): string[] {
  const bytes = inputs.reduce((sum, file) => sum + file.bytes, 0);
  const seconds = run.ended === undefined ? undefined : (Date.parse(run.ended) - Date.parse(run.started)) / 1000;
  return [
    [
      `Run ${run.id}`,
      `started ${clock(run.started)}`,
      ...(seconds === undefined ? [] : [`took ${duration(seconds)}`]),
      ...(run.cost === undefined ? [] : [about(run.cost, run.capacity)]),
      `replot ${run.version}`,
    ].join("   "),
    `R image ${run.image}   inputs: ${plural(cities.length, "city", "cities")}, ${plural(inputs.length, "file")}, ${size(bytes)}`,
    ...(run.repeated === undefined || run.repeated === 0 ? [] : [`${plural(run.repeated, "call")} to AWS repeated.`]),
    ...(run.resumes === undefined ? [] : [`It does what ${run.resumes} left undone.`]),
  ];
}

function about(cost: number, capacity: RunRecord["capacity"]): string {
  const dollars = cost < 0.005 ? "under $0.01" : `about $${cost.toFixed(2)}`;
  return `${dollars}${capacity === "FARGATE_SPOT" ? " (Spot, whose price floats)" : ""}`;
}

function nextCommands(
  { run, cities, previous }: Summary,
  { startCommand, commandArguments, stateArguments }: EmailOptions,
): string[] {
  const again = [...needAttention(cities), ...unfinished(cities)];
  const broken = run.state === "interrupted" || run.state === "failed";
  // resuming asks for exactly the same again, forced where that was; where it is not to be had, the selection is spelled
  const retry =
    startCommand === "regenerate"
      ? `replot regenerate --resume ${run.id}`
      : `replot ${startCommand} ${run.request.preset}${selectionArguments(run.request, again.length === cities.length ? [] : again.map(({ city }) => city))}`;
  return [
    ...(again.length === 0 && !broken ? [] : [`Do what is missing:   ${retry}${commandArguments}`]),
    ...(previous === undefined || run.counts.changed === 0
      ? []
      : [`Go back to the last whole state before:   replot rollback ${previous}${stateArguments}`]),
  ];
}
