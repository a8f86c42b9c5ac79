/** Composes the e-mail of a run. Failures come first, so that the result is clear within ten seconds. */

import { emailSubject } from "../format/email-subject.ts";
import { clock, count, drawerKind, duration, plural, size } from "../format/format.ts";
import type { CityRecord, RunRecord } from "../records.ts";
import { cleanLine, firstOf } from "../text/clean.ts";
import { groupAlike, nameCities } from "./alike.ts";
import { cityLabel, describeCities, wrapped } from "./city-section.ts";
import { selectionArguments } from "./selection.ts";
import { inPlace, needAttention, type Summary, unfinished } from "./summary.ts";

export interface Email {
  /** ASCII, under 100 characters. */
  readonly subject: string;
  /** Under 200 kB. */
  readonly body: string;
}

export interface EmailOptions {
  /** The command that starts a run: `regenerate` on a laptop, `start` in AWS. */
  readonly startCommand: "regenerate" | "start";
  /**
   * A complete command to paste, with the options that select the same state.
   * @param words name and arguments of the command: `rollback 2026-11-15T090000Z-full`
   */
  readonly command: (words: string) => string;
  /** Where users find a log, by its key. */
  readonly location: (key: string) => string;
  /** Whether to send an e-mail for a run without findings, too. Default true. */
  readonly successes?: boolean;
}

/** Maximum UTF-8 bytes of a body. SNS accepts 256 kB, and the watchdog may prepend a paragraph. */
const maxBodyBytes = 190_000;
/** Maximum number of remarks of the run, of reasons to run, and of remarks about cities. */
const shownOfEach = 15;
const namedUnfinished = 40;

export function composeEmail(summary: Summary, options: EmailOptions): Email {
  return { subject: subjectOf(summary), body: bodyOf(summary, options) };
}

/** Whether to send an e-mail about the run. */
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
  return emailSubject(`${said} ${which}`);
}

/** Head, totals, facts and commands are always complete; the list of cities uses the remaining room. */
function bodyOf(summary: Summary, options: EmailOptions): string {
  const { run, cities } = summary;
  const head =
    run.error === undefined
      ? []
      : [`The run ${run.state === "interrupted" ? "was interrupted" : "failed"}: ${cleanLine(run.error, 1_000)}`];
  const rest = [
    namesOfUnfinished(summary),
    totals(summary),
    firstOf(
      summary.remarks.map((remark) => cleanLine(remark)),
      shownOfEach,
      (more) => `… and ${plural(more, "remark")} more.`,
    ),
    facts(summary, options),
    nextCommands(summary, options),
  ];
  const room = maxBodyBytes - Buffer.byteLength(textOf([head, ...rest]));
  return textOf([head, describeCities(needAttention(cities), summary, options.location, room), ...rest]);
}

/** Joins sections with blank lines; empty ones are left out. */
export function textOf(sections: readonly (readonly string[])[]): string {
  const said = sections.filter((section) => section.length > 0);
  return `${said.map((section) => section.join("\n")).join("\n\n")}\n`;
}

function namesOfUnfinished(summary: Summary): string[] {
  const undone = unfinished(summary.cities).map((city) => cityLabel(city, summary));
  if (undone.length === 0) return [];
  return wrapped(
    firstOf(undone, namedUnfinished, (more) => `and ${count(more)} more`),
    100,
  ).map((line, place) => `${place === 0 ? "Not finished: " : "  "}${line}`);
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
    ...remarksOf(done),
  ];
}

/** Reasons why cities ran: each once, with the cities that it applies to. */
function reasonsToRun(cities: readonly CityRecord[]): string[] {
  const ran = cities.filter(({ attempts }) => attempts.length > 0);
  const reasons = groupAlike(
    ran,
    ({ city }) => city,
    ({ why }) => why,
  );
  const lines = reasons.map(
    ({ text, items }) => `Ran because: ${text} (${nameCities(items.map(({ city }) => city))}).`,
  );
  return firstOf(lines, shownOfEach, (more) => `… and ${plural(more, "reason")} more.`);
}

function remarksOf(cities: readonly CityRecord[]): string[] {
  const remarks = groupAlike(
    cities.flatMap(({ city, remarks }) => remarks.map((remark) => ({ city, remark }))),
    ({ city }) => city,
    ({ remark }) => remark,
  );
  const lines = remarks.map(({ text, items }) => `${nameCities(items.map(({ city }) => city))}: ${text}`);
  return firstOf(lines, shownOfEach, (more) => `… and ${plural(more, "remark")} more.`);
}

/** Number and location of the HTML pages. */
function pagesLine(cities: readonly CityRecord[], location: EmailOptions["location"]): string[] {
  const pages = cities.flatMap((city) => city.pages ?? []);
  const [first] = pages;
  if (first === undefined) return [];
  const plots = pages.reduce((sum, page) => sum + page.plots, 0);
  return [`${plural(plots, "page")} beside the plots, the first: ${location(first.first)}`];
}

function facts({ run, cities, inputs }: Summary, { location }: EmailOptions): string[] {
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
    `${drawerKind(run.image)} ${run.image}   inputs: ${plural(cities.length, "city", "cities")}, ${plural(inputs.length, "file")}, ${size(bytes)}`,
    ...pagesLine(cities, location),
    ...(run.repeated === undefined || run.repeated === 0 ? [] : [`${plural(run.repeated, "call")} to AWS repeated.`]),
    ...(run.resumes === undefined ? [] : [`It does what ${run.resumes} left undone.`]),
  ];
}

function about(cost: number, capacity: RunRecord["capacity"]): string {
  const dollars = cost < 0.005 ? "under $0.01" : `about $${cost.toFixed(2)}`;
  return `${dollars}${capacity === "FARGATE_SPOT" ? " (Spot, whose price floats)" : ""}`;
}

function nextCommands({ run, cities, previous }: Summary, { startCommand, command }: EmailOptions): string[] {
  const again = [...needAttention(cities), ...unfinished(cities)];
  const broken = run.state === "interrupted" || run.state === "failed";
  // `--resume` repeats the same request, including `--force`; `start` has no such option and needs the selection
  const retry =
    startCommand === "regenerate"
      ? command(`regenerate --resume ${run.id}`)
      : command(
          `${startCommand} ${run.request.preset}${selectionArguments(run.request, again.length === cities.length ? [] : again.map(({ city }) => city))}`,
        );
  return [
    ...(again.length === 0 && !broken ? [] : [`Do what is missing:   ${retry}`]),
    ...(previous === undefined || run.counts.changed === 0
      ? []
      : [`Go back to the last whole state before:   ${command(`rollback ${previous}`)}`]),
  ];
}
