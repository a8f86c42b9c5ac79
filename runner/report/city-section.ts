/** The section of the e-mail about cities that need attention: each reason once, within a size limit. */

import { count, day, plural } from "../format/format.ts";
import type { CityRecord } from "../records.ts";
import { firstOf } from "../text/clean.ts";
import { type Alike, groupAlike, nameCities } from "./alike.ts";
import { addCounts, inPlace, type Summary } from "./summary.ts";

const nameWidth = 24;
const indent = " ".repeat(4 + nameWidth + 10);
/** Characters of a line with names of cities, after the indent. */
const lineWidth = 80;
const namedCities = 40;

/** Returns where users find a log, by its key. */
export type Location = (key: string) => string;

/**
 * @param cities cities that need attention
 * @param room maximum UTF-8 bytes; if exceeded, cities in the middle are replaced by their number
 */
export function describeCities(
  cities: readonly CityRecord[],
  summary: Summary,
  location: Location,
  room: number,
): string[] {
  const groups = groupAlike(
    cities,
    ({ city }) => city,
    ({ reason }) => reason ?? "no reason recorded",
    ({ state }) => state,
  );
  const blocks = groups.map((group) => ({
    cities: group.items.length,
    lines: group.items.length === 1 ? describeOne(group, summary, location) : describeAlike(group, summary, location),
  }));
  return withinRoom(blocks, room);
}

interface Block {
  readonly cities: number;
  readonly lines: readonly string[];
}

const roomForTheGap = 200;

/** Keeps blocks from both ends until the room is used. */
function withinRoom(blocks: readonly Block[], room: number): string[] {
  const size = ({ lines }: Block) => lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  if (blocks.reduce((sum, block) => sum + size(block), 0) <= room) return blocks.flatMap(({ lines }) => lines);
  let left = room - roomForTheGap;
  let begin = 0;
  let end = blocks.length;
  for (let fromBegin = true; begin < end; fromBegin = !fromBegin) {
    const next = blocks[fromBegin ? begin : end - 1];
    left -= next === undefined ? 0 : size(next);
    if (left < 0) break;
    if (fromBegin) begin += 1;
    else end -= 1;
  }
  const leftOut = blocks.slice(begin, end).reduce((sum, { cities }) => sum + cities, 0);
  return [
    ...blocks.slice(0, begin).flatMap(({ lines }) => lines),
    `  … ${plural(leftOut, "city", "cities")} more, left out here for want of room; all are in summary.json …`,
    ...blocks.slice(end).flatMap(({ lines }) => lines),
  ];
}

function describeOne({ items: [city], text }: Alike<CityRecord>, summary: Summary, location: Location): string[] {
  return [
    headline(cityLabel(city, summary), city.state, text, [city]),
    plotsOf([city], city.missing ?? "all"),
    keptOf([city]),
    ...logOf(city, location, "log"),
    ...city.remarks.map((remark) => `${indent}${remark}`),
  ];
}

function describeAlike({ items, text }: Alike<CityRecord>, summary: Summary, location: Location): string[] {
  const [first] = items;
  const labels = firstOf(
    items.map((city) => cityLabel(city, summary)),
    namedCities,
    (more) => `and ${count(more)} more`,
  );
  const missing = new Set(items.map((city) => city.missing ?? "all"));
  const withLog = items.find(({ log }) => log !== undefined);
  const others = items.filter(({ log }) => log !== undefined).length - 1;
  const remarks = groupAlike(
    items.flatMap(({ city, remarks }) => remarks.map((remark) => ({ city, remark }))),
    ({ city }) => city,
    ({ remark }) => remark,
  );
  return [
    headline(plural(items.length, "city", "cities"), first.state, text, items),
    ...wrapped(labels).map((line) => `${indent}${line}`),
    plotsOf(items, missing.size === 1 ? [...missing].join() : undefined),
    keptOf(items),
    ...(withLog === undefined ? [] : logOf(withLog, location, `log of ${withLog.city}`)),
    ...(others > 0 ? [`${indent}the other logs lie beside it`] : []),
    ...remarks.map(({ text: remark, items: all }) => `${indent}${nameCities(all.map(({ city }) => city))}: ${remark}`),
  ];
}

function headline(label: string, state: string, reason: string, cities: readonly CityRecord[]): string {
  const most = Math.max(...cities.map(({ attempts }) => attempts.at(-1)?.number ?? 0));
  const upTo = cities.some(({ attempts }) => attempts.at(-1)?.number !== most) ? "up to " : "";
  return `  ${label.padEnd(nameWidth)}  ${state.padEnd(8)}  ${reason}${most > 1 ? `, ${upTo}${most} attempts` : ""}`;
}

/** @param missing description of the missing plots; undefined if it differs between cities */
function plotsOf(cities: readonly CityRecord[], missing: string | undefined): string {
  const counts = addCounts(cities.map((city) => city.counts));
  const which = missing === undefined ? "" : `: ${missing}`;
  return `${indent}${count(inPlace(counts))} of ${plural(counts.expected, "plot")}; ${count(counts.missing)} missing${which}`;
}

/** `the plots of 2026-11-15 stay in place`, with their number if not all stay. */
function keptOf(cities: readonly CityRecord[]): string {
  const kept = cities.flatMap((city) => city.kept ?? []);
  if (kept.length === 0) return `${indent}there were no earlier plots of these`;
  const plots = kept.reduce((sum, one) => sum + one.plots, 0);
  const days = new Set(kept.map(({ run }) => day(run)));
  const whose = days.size === 1 ? `of ${[...days].join()}` : "of earlier runs";
  const stay = plots === 1 ? `plot ${whose} stays` : `plots ${whose} stay`;
  const all = plots === cities.reduce((sum, { counts }) => sum + counts.missing, 0);
  return `${indent}the ${stay} in place${all ? "" : ` for ${count(plots)} of these`}`;
}

function logOf({ lastLines = [], log }: CityRecord, location: Location, name: string): string[] {
  return [
    ...lastLines.map((line) => `${indent}| ${line}`),
    ...(log === undefined ? [] : [`${indent}${name}: ${location(log)}`]),
  ];
}

/** `C.12580 Baltimore` */
export function cityLabel({ city }: CityRecord, { names }: Summary): string {
  return `${city} ${names[city] ?? ""}`.trimEnd();
}

/** Joins items with commas and breaks the list into lines. */
export function wrapped(items: readonly string[], width = lineWidth): string[] {
  const lines: string[] = [];
  for (const [place, item] of items.entries()) {
    const word = place < items.length - 1 ? `${item},` : item;
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
