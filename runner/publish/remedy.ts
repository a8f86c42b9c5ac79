/** What to type after `verify` found something. */
import type { RunRecord } from "../records.ts";
import { selectionArguments } from "../report/selection.ts";
import type { Finding, VerifyReport } from "./verify.ts";

const objectKinds: ReadonlySet<Finding["kind"]> = new Set(["missing object", "altered object", "unreadable object"]);
const rowKinds: ReadonlySet<Finding["kind"]> = new Set(["no row", "row points elsewhere", "unexpected row"]);

/**
 * One line for each thing to do; none where nothing was found. Pure.
 * @param regenerate how a run is started here: `replot regenerate`, in AWS `replot start`
 */
export function remedies(
  { findings, run }: VerifyReport,
  record: RunRecord | undefined,
  regenerate = "replot regenerate",
): string[] {
  const objects = findings.filter(({ kind }) => objectKinds.has(kind));
  const cities = new Set(objects.flatMap(({ live, city }) => (live && city !== undefined ? [city] : [])));
  const lines: string[] = [];
  if (cities.size > 0) {
    const request = record?.request ?? { preset: "full", only: {}, force: true, html: false };
    lines.push(`Draw them again:   ${regenerate} ${request.preset}${selectionArguments(request, [...cities])} --force`);
  }
  const past = objects.filter(({ live }) => !live).length;
  if (past > 0) {
    lines.push(
      `${past} of these objects ${past === 1 ? "is" : "are"} not what readers see now; run ${run} can't be ` +
        "gone back to whole until they are restored from a copy.",
    );
  }
  if (findings.some(({ kind }) => rowKinds.has(kind))) {
    lines.push(`Put the rows back as this run left them:   replot rollback ${run}`);
  }
  if (findings.some(({ kind }) => kind === "counts differ" || kind === "listed twice")) {
    lines.push("The run's own books don't agree; run again, and keep its files for a bug report.");
  }
  return lines;
}
