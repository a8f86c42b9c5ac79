/** The result of checking one plot's files. */

/** A deviation from the contract that does not affect readers: it is accepted, counted and reported. */
export type Quirk =
  | 'missing numbers written as "NA"'
  | "empty values written as {}"
  | "one-element arrays written as scalars"
  | "keys beside data and layout"
  | "pretty-printed"
  | "file begins with a byte-order mark"
  | "metadata values in one-element arrays"
  | "metadata codes written as numbers"
  | "metadata file missing";

/** What is looked at in a plot's files, in this order; the first rule that is broken refuses the plot. */
export const plotRules = ["size", "json", "traces", "panels", "titles", "metadata"] as const;
export type PlotRule = (typeof plotRules)[number];

export type Verdict =
  | { readonly valid: true; readonly quirks: readonly Quirk[] }
  /** `reason` continues "the figure …". */
  | { readonly valid: false; readonly rule: PlotRule; readonly reason: string };

export function refuse(rule: PlotRule, reason: string): Verdict {
  return { valid: false, rule, reason };
}
