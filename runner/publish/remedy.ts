/** Suggests commands that repair what `verify` found. */
import type { CityCode } from "../domain.ts";
import type { RunRequest } from "../records.ts";
import { selectionArguments } from "../report/selection.ts";
import type { VerifyFinding, VerifyReport } from "./verify.ts";

const objectKinds: ReadonlySet<VerifyFinding["kind"]> = new Set([
  "missing object",
  "altered object",
  "unreadable object",
]);
const rowKinds: ReadonlySet<VerifyFinding["kind"]> = new Set(["no row", "row points elsewhere", "unexpected row"]);

/** How users start a run and type commands here, with the options that select the same state. */
export interface Typing {
  readonly startCommand: "regenerate" | "start";
  readonly command: (words: string) => string;
}

/** The request to suggest if the run that drew a plot is unknown. */
const everything: RunRequest = { preset: "full", only: {}, force: true, html: false };

/**
 * One line for each remedy; none if there are no findings. Pure.
 * @param requestOf the request of the run that drew the plot of a finding, if known
 */
export function remedies(
  { findings, run, rowsOf }: VerifyReport,
  requestOf: (finding: VerifyFinding) => RunRequest | undefined,
  { startCommand, command }: Typing,
): string[] {
  const objects = findings.filter(({ kind }) => objectKinds.has(kind));
  const lines = drawAgain(objects, requestOf).map(
    (selection) => `Draw them again:   ${command(`${startCommand} ${selection}`)}`,
  );
  const past = objects.filter(({ live }) => !live).length;
  if (past > 0) {
    lines.push(
      `${past} of these objects ${past === 1 ? "is" : "are"} not what readers see now; run ${run} can't be ` +
        "gone back to whole until they are restored from a copy.",
    );
  }
  if (rowsOf !== undefined && findings.some(({ kind }) => rowKinds.has(kind))) {
    lines.push(
      `Put the rows back as ${run === undefined ? "the last" : "this"} run left them:   ${command(`rollback ${rowsOf}`)}`,
    );
  }
  if (findings.some(({ kind }) => kind === "counts differ" || kind === "listed twice")) {
    lines.push("The run's ledger entry and its manifest differ; run again, and keep its files for a bug report.");
  }
  return lines;
}

/** Arguments that draw the damaged present plots again: one line for each original request. */
function drawAgain(
  objects: readonly VerifyFinding[],
  requestOf: (finding: VerifyFinding) => RunRequest | undefined,
): string[] {
  const asked = new Map<string, { request: RunRequest; cities: Set<CityCode> }>();
  for (const finding of objects) {
    const { live, city } = finding;
    if (!live || city === undefined) continue;
    const request = requestOf(finding) ?? everything;
    const { cities: _, ...only } = request.only;
    const key = JSON.stringify([request.preset, only]);
    const known = asked.get(key) ?? { request, cities: new Set() };
    known.cities.add(city);
    asked.set(key, known);
  }
  return [...asked.values()].map(
    ({ request, cities }) => `${request.preset}${selectionArguments(request, [...cities])} --force`,
  );
}
