/** What came of one rule of the batch contract. docs/program.md explains each rule. */
import type { Finding } from "../doctor/check.ts";

export const ruleStates = ["right", "tolerated", "refused", "not checked"] as const;

export interface RuleResult {
  readonly rule: string;
  /** `tolerated`: plots are published all the same. `refused`: plots of this program are not published. */
  readonly state: (typeof ruleStates)[number];
  readonly detail: string;
  /** What to change in the program; undefined where nothing is to be changed. */
  readonly mend?: string;
}

const findingStates = { right: "ok", tolerated: "warn", refused: "wrong", "not checked": "skipped" } as const;

/** The same for a person. */
export function findingOf({ rule, state, detail, mend }: RuleResult): Finding {
  const words = state === "tolerated" || state === "refused" ? `${state}: ${detail}` : detail;
  return { what: rule, state: findingStates[state], detail: words, ...(mend === undefined ? {} : { remedy: mend }) };
}

export function isPublishable(results: readonly RuleResult[]): boolean {
  return results.every(({ state }) => state !== "refused");
}
