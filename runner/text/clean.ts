/**
 * Cleans text from outside: R's log, file names, parser and service messages. All such text is cleaned here before it
 * enters a record, an e-mail or a message, so that later code need not check or escape it.
 */

/** Maximum length of a cleaned line in UTF-16 units. */
export const maxLineLength = 300;

const lineBreaks = /\r?\n|[\v\f\u0085\u2028\u2029]/;

const esc = "\u001b";
const bell = "\u0007";
/**
 * Terminal sequences (ECMA-48): control sequences, strings such as links and titles, two-character escapes. Node's
 * `stripVTControlCharacters` needs minutes for 256 kB of unfinished sequences; this pattern takes linear time.
 */
const terminalSequence = new RegExp(
  `${esc}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${esc}${bell}]*(?:${bell}|${esc}\\\\)|[PX^_][^${esc}]*${esc}\\\\|[ -/]*[0-~])`,
  "g",
);
/** Moves the terminal's cursor to the first column, so that the following text overwrites the line. */
const lineStart = new RegExp(`\\r|${esc}\\[1?G`);
/** Control characters, and characters that change the direction of displayed text. */
const invisible = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * @param source text, or bytes in UTF-8; invalid bytes become U+FFFD
 * @param limit maximum UTF-16 units per line
 * @returns the lines that are not blank, as a terminal would show them
 */
export function cleanLines(source: string | Uint8Array, limit = maxLineLength): string[] {
  const text = typeof source === "string" ? source.toWellFormed() : new TextDecoder().decode(source);
  return text
    .split(lineBreaks)
    .map((line) => shorten(overwritten(line).trimEnd(), limit))
    .filter((line) => line !== "");
}

/** Cleans text like {@link cleanLines} and joins the lines with blanks. */
export function cleanLine(source: string | Uint8Array, limit = maxLineLength): string {
  const lines = cleanLines(source, limit).map((line) => line.trim());
  return shorten(lines.join(" "), limit);
}

/** What a terminal shows of a line that overwrites itself: the last part that is not blank. */
function overwritten(line: string): string {
  for (const state of line.split(lineStart).reverse()) {
    const shown = backspaced(state.replace(terminalSequence, "")).replaceAll("\t", " ").replace(invisible, "");
    if (shown.trim() !== "") return shown;
  }
  return "";
}

function backspaced(text: string): string {
  if (!text.includes("\b")) return text;
  const kept: string[] = [];
  for (const character of text) {
    if (character === "\b") kept.pop();
    else kept.push(character);
  }
  return kept.join("");
}

/**
 * Removes the middle of a text that is too long. The beginning tells the subject, and the end often the cause.
 * @param limit maximum UTF-16 units, including the ellipsis
 */
export function shorten(text: string, limit = maxLineLength): string {
  if (text.length <= limit) return text;
  const end = Math.floor((limit - 1) / 3);
  const head = text.slice(0, limit - 1 - end).replace(/[\ud800-\udbff]$/, "");
  const tail = text.slice(text.length - end).replace(/^[\udc00-\udfff]/, "");
  return `${head}…${tail}`;
}

/**
 * Cuts a list to a number of entries; the last one tells how many items were left out.
 * @param limit maximum number of entries
 * @param rest the text of the last entry
 */
export function firstOf(items: readonly string[], limit: number, rest: (more: number) => string): string[] {
  if (items.length <= limit) return [...items];
  return [...items.slice(0, limit - 1), rest(items.length - limit + 1)];
}

/** Replaces equal consecutive lines by one with a count: `core 3 did not deliver (5 times)`. */
export function withoutRepeats(lines: readonly string[]): string[] {
  const runs: { readonly line: string; times: number }[] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.line === line) last.times += 1;
    else runs.push({ line, times: 1 });
  }
  return runs.map(({ line, times }) => (times === 1 ? line : `${line} (${times} times)`));
}
