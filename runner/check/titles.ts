/**
 * Checks which outcome a figure's titles name. A program that confuses two outcomes writes a figure that is valid in
 * every other respect, but its titles name the outcome that it drew.
 */
import type { Catalog } from "../catalog/catalog.ts";
import type { OutcomeId } from "../domain.ts";
import { comparable } from "../text/utf8.ts";
import { asText, isObject, type JsonObject, single } from "./lenient.ts";

/** @returns the reason of a {@link Verdict} if the titles name another outcome, else undefined */
export type TitleCheck = (layout: unknown, outcome: OutcomeId) => string | undefined;

/** A name that may stand in a title. */
interface TitleName {
  /** Outcomes whose identifier or display name it is. */
  readonly outcomes: Set<OutcomeId>;
  /** Display names of outcomes that match it, in the spelling of the catalog. */
  readonly displayed: Set<string>;
  /** Whether it is also the name of a scenario, a city, a stratum, …, and so does not identify an outcome. */
  ambiguous: boolean;
}

/**
 * A check of titles against a catalog. Names are found longest first, since `Viral suppression` lies inside `Viral
 * suppression among OAHS clients`, in any case and spelling of blanks. A name of one word is an everyday word as well:
 * another outcome's counts where it is written as the catalog writes its display name (`Rainfall`), or where it is all
 * that stands between two marks of punctuation (`mean: rainfall (mm)`).
 */
export function titleCheck(catalog: Catalog): TitleCheck {
  const names = knownNames(catalog);
  const longestFirst = [...names.keys()].toSorted((one, other) => other.length - one.length);
  const pattern = new RegExp(
    String.raw`(?<![\p{L}\p{N}])(?:${longestFirst.map(patternOf).join("|")})(?![\p{L}\p{N}])`,
    "giu",
  );

  return (layout, outcome) => {
    let other: { readonly id: OutcomeId; readonly title: Title } | undefined;
    for (const title of titlesOf(layout)) {
      for (const match of title.text.matchAll(pattern)) {
        const found = names.get(keyOf(match[0]));
        if (found === undefined) continue;
        if (found.outcomes.has(outcome)) return undefined;
        if (found.ambiguous || other !== undefined) continue;
        const [id] = found.outcomes;
        if (id !== undefined && namesOutcome(match, found)) other = { id, title };
      }
    }
    if (other === undefined) return undefined;
    const called = (id: OutcomeId) => `${id} (${catalog.outcomes.get(id)?.name ?? id})`;
    return `shows another outcome: its ${other.title.where} "${shorten(other.title.text)}" names ${called(other.id)}, not ${called(outcome)}`;
  };
}

function knownNames(catalog: Catalog): Map<string, TitleName> {
  const names = new Map<string, TitleName>();
  const add = (name: string): TitleName => {
    const key = keyOf(name);
    const known = names.get(key) ?? { outcomes: new Set(), displayed: new Set(), ambiguous: false };
    // names without letters and digits, such as the unit `%`, are not searched for
    if (/[\p{L}\p{N}]/u.test(key)) names.set(key, known);
    return known;
  };
  for (const { id, name } of catalog.outcomes.values()) {
    add(id).outcomes.add(id);
    add(name).outcomes.add(id);
    add(name).displayed.add(comparable(name));
  }
  const others = [
    ...[...catalog.outcomes.values()].map(({ unit }) => unit),
    ...[...catalog.cities.values()].flatMap(({ code, name, shortName }) => [code, name, shortName]),
    ...[...catalog.scenarios.values(), ...catalog.statistics.values()].flatMap(({ id, name }) => [id, name]),
    ...[...catalog.dimensions.values()].flatMap(({ id, strata = [] }) => [id, ...strata]),
  ];
  for (const name of others) add(name).ambiguous = true;
  return names;
}

/** Whether a match is meant as the name of an outcome. */
function namesOutcome(match: RegExpExecArray, { displayed }: TitleName): boolean {
  const [text] = match;
  if (keyOf(text).includes(" ") || displayed.has(text)) return true;
  const before = match.input.slice(0, match.index);
  const after = match.input.slice(match.index + text.length);
  return /(?:^|[^\p{L}\p{N} '’-]|\s-) *$/u.test(before) && /^ *(?:$|[^\p{L}\p{N} '’-]|-\s)/u.test(after);
}

interface Title {
  readonly where: "title" | "x axis" | "y axis";
  readonly text: string;
}

/** The titles of the figure and of its axes. */
function titlesOf(layout: unknown): Title[] {
  const object = single(layout);
  if (!isObject(object)) return [];
  const title = single(object["title"]);
  const found: Title[] = [
    ...titleOf("title", title),
    ...(isObject(title) ? titleOf("title", title["subtitle"]) : []),
    ...axisAnnotations(object),
  ];
  for (const [key, axis] of Object.entries(object)) {
    const [, letter] = /^([xy])axis\d*$/.exec(key) ?? [];
    const inside = single(axis);
    if (letter === undefined || !isObject(inside)) continue;
    found.push(...titleOf(letter === "x" ? "x axis" : "y axis", inside["title"]));
  }
  return found;
}

/** Plotly for R writes axis titles that panels share as annotations. */
function axisAnnotations(layout: JsonObject): Title[] {
  const annotations = layout["annotations"];
  if (!Array.isArray(annotations)) return [];
  return annotations
    .filter((annotation) => isObject(annotation) && asText(annotation["annotationType"]) === "axis")
    .flatMap((annotation) => titleOf("title", annotation));
}

/** Reads a title, which is a text or an object with a text. */
function titleOf(where: Title["where"], value: unknown): Title[] {
  const title = single(value);
  const text = asText(isObject(title) ? title["text"] : title);
  return text === undefined ? [] : [{ where, text: plainText(text) }];
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", nbsp: " ", quot: '"' };

/** The text without Plotly's markup, in NFC. Line breaks are kept. */
function plainText(text: string): string {
  const stripped = text.replaceAll(/<br\s*\/?>/gi, "\n").replaceAll(/<\/?[a-z][^>]*>/gi, "");
  return comparable(stripped.replaceAll(/&(amp|lt|gt|nbsp|quot);/g, (_, entity: string) => entities[entity] ?? ""));
}

const separators = /[\s._-]+/u;

/** The form in which names are compared: words in lower case, separated by one blank. */
function keyOf(name: string): string {
  return words(name).join(" ").toLowerCase();
}

function words(name: string): string[] {
  return comparable(name)
    .split(separators)
    .filter((word) => word !== "");
}

function patternOf(key: string): string {
  return words(key)
    .map((word) => word.replaceAll(/[\\^$*+?()[\]{}|/]/g, "\\$&"))
    .join(separators.source);
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
