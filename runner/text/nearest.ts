/** Suggests a valid name for an unknown one: the nearest, or a list of valid names. */
import { distance } from "fastest-levenshtein";

/** A valid name, and other names by which users look for it. */
export interface KnownName {
  readonly name: string;
  readonly aliases?: readonly string[];
}

/** Number of names to list if none is near. */
const shown = 6;

/**
 * The end of a sentence about an unknown name: `; did you mean C.12940?`, or `; known: age, race, sex, risk`.
 * @param known every valid name; a string stands for a name without aliases
 */
export function suggestion(text: string, known: Iterable<string | KnownName>): string {
  const names = [...known].map((entry) => (typeof entry === "string" ? { name: entry } : entry));
  const nearest = nearestName(text, names);
  if (nearest !== undefined) return `; did you mean ${nearest}?`;
  if (names.length === 0) return "";
  const some = names.slice(0, shown).map(({ name }) => name);
  const rest = names.length - some.length;
  return `; known: ${some.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function nearestName(text: string, known: readonly KnownName[]): string | undefined {
  const wanted = text.toLowerCase();
  const begun = wanted.length < 3 ? [] : known.filter(({ name }) => name.toLowerCase().startsWith(wanted));
  if (begun.length === 1) return begun[0]?.name;
  let best: string | undefined;
  // one letter in three may be wrong, and two letters in a short word
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const { name, aliases = [] } of known) {
    for (const spelling of [name, ...aliases]) {
      const apart = distance(wanted, spelling.toLowerCase());
      // the distance must be smaller than the word, because every two-letter word is within two edits of any other
      if (apart < least && apart < spelling.length) {
        least = apart;
        best = name;
      }
    }
  }
  return best;
}
