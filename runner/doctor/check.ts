/** One thing that a run needs: whether it is there, and what to do where it is not. */
import { styleText } from "node:util";

export interface Finding {
  readonly what: string;
  /** `warn`: a run works, but not as somebody would want. `skipped`: nothing can be said. */
  readonly state: "ok" | "warn" | "wrong" | "skipped";
  readonly detail: string;
  /** What to type or to do. */
  readonly remedy?: string;
}

export const ok = (what: string, detail: string): Finding => ({ what, state: "ok", detail });
export const warn = (what: string, detail: string, remedy: string): Finding => ({
  what,
  state: "warn",
  detail,
  remedy,
});
export const wrong = (what: string, detail: string, remedy: string): Finding => ({
  what,
  state: "wrong",
  detail,
  remedy,
});

const marks = { ok: ["green", "✓"], warn: ["yellow", "!"], wrong: ["red", "✗"], skipped: ["gray", "-"] } as const;

/** One line a finding, the remedy below it. @param stream decides about colours */
export function describeFindings(findings: readonly Finding[], stream: NodeJS.WriteStream): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings
    .flatMap(({ what, state, detail, remedy }) => {
      const [colour, mark] = marks[state];
      const [first = "", ...rest] = detail.split("\n");
      const indent = " ".repeat(width + 4);
      return [
        `${styleText(colour, mark, { stream })} ${what.padEnd(width)}  ${first}`,
        ...rest.map((line) => `${indent}${line}`),
        ...(remedy === undefined ? [] : [`${indent}-> ${remedy}`]),
      ];
    })
    .join("\n");
}
