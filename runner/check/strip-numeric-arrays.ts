/**
 * Cuts the series of numbers in a figure down to one number each, before it is parsed. A figure is nearly all numbers,
 * and only whether there are any matters to the check; to parse them all took twice as long
 * (bench/README.md).
 */

/** A JSON number: RFC 8259, section 6. */
const number = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;
/** An array of numbers and nulls, without blanks, that holds a number. */
const series = new RegExp(String.raw`\[(?:null,)*(${number})(?:,(?:${number}|null))*\]`, "g");
/** Of characters. Beyond this a series may be longer than a regular expression can match. */
const longest = 4_000_000;

/**
 * The text of a JSON file in which each array of numbers and nulls has only its first number left. Valid JSON stays
 * valid and what is wrong stays wrong: only well-formed arrays are cut, be it within a string; all else is left as it is.
 */
export function stripNumericArrays(text: string): string {
  return text.length > longest ? text : text.replace(series, "[$1]");
}
