/**
 * Cleans text that comes from outside: R's log, file names, parser and service messages. Everything that enters a
 * record, an e-mail or a message of ours passes here first, so that nothing later has to be checked or escaped again.
 */

/** UTF-16 units of a cleaned line, at most. */
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
/** Where the terminal's cursor goes back to the first column, and what follows overwrites what stands there. */
const lineStart = new RegExp(`\\r|${esc}\\[1?G`);
/** Control characters, and those that reorder text for the eye only. */
const invisible = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * @param source text, or bytes that should be UTF-8; what is not becomes U+FFFD
 * @param limit of UTF-16 units in a line
 * @returns the lines that show something, each as a terminal would leave it
 */
export function cleanLines(source: string | Uint8Array, limit = maxLineLength): string[] {
  const text = typeof source === "string" ? source.toWellFormed() : new TextDecoder().decode(source);
  return text
    .split(lineBreaks)
    .map((line) => shorten(overwritten(line).trimEnd(), limit))
    .filter((line) => line !== "");
}

/** The same as one line: the lines follow each other after a blank. */
export function cleanLine(source: string | Uint8Array, limit = maxLineLength): string {
  const lines = cleanLines(source, limit).map((line) => line.trim());
  return shorten(lines.join(" "), limit);
}

/** What a terminal shows of a line whose states overwrite each other: the last that shows something. */
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
 * Cuts the middle out of a text that is too long: its beginning says what it is about, and its end often says why.
 * @param limit of UTF-16 units, the mark of the cut included
 */
export function shorten(text: string, limit = maxLineLength): string {
  if (text.length <= limit) return text;
  const end = Math.floor((limit - 1) / 3);
  const head = text.slice(0, limit - 1 - end).replace(/[\ud800-\udbff]$/, "");
  const tail = text.slice(text.length - end).replace(/^[\udc00-\udfff]/, "");
  return `${head}…${tail}`;
}

/**
 * The beginning of a list that is too long.
 * @param limit of entries, the last of which says how many items are left out
 * @param rest the words for that
 */
export function firstOf(items: readonly string[], limit: number, rest: (more: number) => string): string[] {
  if (items.length <= limit) return [...items];
  return [...items.slice(0, limit - 1), rest(items.length - limit + 1)];
}

/** Neighbours that are equal are said once: `core 3 did not deliver (5 times)`. */
export function withoutRepeats(lines: readonly string[]): string[] {
  const runs: { readonly line: string; times: number }[] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.line === line) last.times += 1;
    else runs.push({ line, times: 1 });
  }
  return runs.map(({ line, times }) => (times === 1 ? line : `${line} (${times} times)`));
}
