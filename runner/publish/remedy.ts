/** What to type after `verify` found something. */
import type { RunRecord } from "../records.ts";
import { selectionArguments } from "../report/selection.ts";
import type { Finding, VerifyReport } from "./verify.ts";

const objectKinds: ReadonlySet<Finding["kind"]> = new Set(["missing object", "altered object", "unreadable object"]);
const rowKinds: ReadonlySet<Finding["kind"]> = new Set(["no row", "row points elsewhere", "unexpected row"]);

/** How a person starts a run here, and types a command that finds the same state. */
export interface Typing {
  readonly startCommand: "regenerate" | "start";
  readonly command: (words: string) => string;
}

/**
 * One line for each thing to do; none where nothing was found. Pure.
 */
export function remedies(
  { findings, run }: VerifyReport,
  record: RunRecord | undefined,
  { startCommand, command }: Typing,
): string[] {
  const objects = findings.filter(({ kind }) => objectKinds.has(kind));
  const cities = new Set(objects.flatMap(({ live, city }) => (live && city !== undefined ? [city] : [])));
  const lines: string[] = [];
  if (cities.size > 0) {
    const request = record?.request ?? { preset: "full", only: {}, force: true, html: false };
    const words = `${startCommand} ${request.preset}${selectionArguments(request, [...cities])} --force`;
    lines.push(`Draw them again:   ${command(words)}`);
  }
  const past = objects.filter(({ live }) => !live).length;
  if (past > 0) {
    lines.push(
      `${past} of these objects ${past === 1 ? "is" : "are"} not what readers see now; run ${run} can't be ` +
        "gone back to whole until they are restored from a copy.",
    );
  }
  if (findings.some(({ kind }) => rowKinds.has(kind))) {
    lines.push(`Put the rows back as this run left them:   ${command(`rollback ${run}`)}`);
  }
  if (findings.some(({ kind }) => kind === "counts differ" || kind === "listed twice")) {
    lines.push("The run's own books don't agree; run again, and keep its files for a bug report.");
  }
  return lines;
}
