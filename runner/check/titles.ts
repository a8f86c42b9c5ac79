/**
 * Which outcome a figure's titles name. A program that takes one outcome for another writes a figure that is valid in
 * every other respect, and labels it with what it has drawn.
 */
import type { Catalog } from "../catalog/catalog.ts";
import type { OutcomeId } from "../domain.ts";
import { comparable } from "../text/utf8.ts";
import { asText, isObject, type JsonObject, single } from "./lenient.ts";

/** @returns why the titles are another outcome's, as a {@link Verdict}'s reason; undefined where they are not */
export type TitleCheck = (layout: unknown, outcome: OutcomeId) => string | undefined;

/** A name that may stand in a title. */
interface KnownName {
  /** Whose identifier or display name it is. */
  readonly outcomes: Set<OutcomeId>;
  /** Display names among them, as the catalog writes them. */
  readonly displayed: Set<string>;
  /** It is also the name of a scenario, a city, a stratum, …: then it does not tell an outcome. */
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
        if (id !== undefined && tellsOutcome(match, found)) other = { id, title };
      }
    }
    if (other === undefined) return undefined;
    const called = (id: OutcomeId) => `${id} (${catalog.outcomes.get(id)?.name ?? id})`;
    return `shows another outcome: its ${other.title.where} "${shorten(other.title.text)}" names ${called(other.id)}, not ${called(outcome)}`;
  };
}

function knownNames(catalog: Catalog): Map<string, KnownName> {
  const names = new Map<string, KnownName>();
  const add = (name: string): KnownName => {
    const key = keyOf(name);
    const known = names.get(key) ?? { outcomes: new Set(), displayed: new Set(), ambiguous: false };
    // a name of punctuation alone, such as the unit `%`, is found nowhere
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

/** Whether a match is meant as a name. */
function tellsOutcome(match: RegExpExecArray, { displayed }: KnownName): boolean {
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

/** The figure's own title, and the axes'. */
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

/** Plotly for R writes the titles that panels share as annotations. */
function axisAnnotations(layout: JsonObject): Title[] {
  const annotations = layout["annotations"];
  if (!Array.isArray(annotations)) return [];
  return annotations
    .filter((annotation) => isObject(annotation) && asText(annotation["annotationType"]) === "axis")
    .flatMap((annotation) => titleOf("title", annotation));
}

/** A title is a text, or an object with one. */
function titleOf(where: Title["where"], value: unknown): Title[] {
  const title = single(value);
  const text = asText(isObject(title) ? title["text"] : title);
  return text === undefined ? [] : [{ where, text: plainText(text) }];
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", nbsp: " ", quot: '"' };

/** Without Plotly's markup, in NFC. A line's end stays one. */
function plainText(text: string): string {
  const stripped = text.replaceAll(/<br\s*\/?>/gi, "\n").replaceAll(/<\/?[a-z][^>]*>/gi, "");
  return comparable(stripped.replaceAll(/&(amp|lt|gt|nbsp|quot);/g, (_, entity: string) => entities[entity] ?? ""));
}

const separators = /[\s._-]+/u;

/** A name as names are compared: its words in lower case, with one blank between them. */
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
