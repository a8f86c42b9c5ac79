/** Explains why a city runs or is skipped; names what changed. */
import type { PlotId, RunId, ScenarioId, Sha256 } from "../domain.ts";
import { count, drawerKind } from "../format/format.ts";
import type { IndexRow } from "../records.ts";
import { changedParts, type FingerprintPart } from "./fingerprint.ts";

/** The results of planning that the explanation is based on. */
export interface WhySources {
  readonly image: string;
  readonly force: boolean;
  readonly expected: readonly PlotId[];
  readonly due: readonly PlotId[];
  readonly current: readonly { readonly row: IndexRow }[];
  readonly unavailable: readonly { readonly reason: string }[];
  readonly fingerprints: ReadonlyMap<ScenarioId, Sha256>;
  readonly rowOf: (plot: PlotId) => IndexRow | undefined;
}

/** One line, such as "program changed (… -> …); 12 of 27 plots were never published; scenario missing: simulations/…". */
export function whyOf(sources: WhySources): string {
  const { due, unavailable } = sources;
  const missing = [...new Set(unavailable.map(({ reason }) => reason))];
  const reasons = due.length > 0 ? whyDue(sources) : whySkipped(sources);
  return [...reasons, ...missing].join("; ");
}

function whySkipped({ current }: WhySources): string[] {
  const newest = current.reduce<RunId | undefined>(
    (latest, { row }) => (latest === undefined || row.run_id > latest ? row.run_id : latest),
    undefined,
  );
  return newest === undefined ? [] : [`nothing changed since ${newest}`];
}

function whyDue({ force, expected, due, fingerprints, image, rowOf }: WhySources): string[] {
  if (force) return ["forced"];
  if (expected.every((plot) => rowOf(plot) === undefined)) return ["never published"];

  const files = new Set<string>();
  const images = new Set<string>();
  let catalog = false;
  let absent = 0;
  for (const plot of due) {
    const row = rowOf(plot);
    const present = fingerprints.get(plot.scenario);
    if (row === undefined) {
      absent += 1;
      continue;
    }
    const changed: readonly FingerprintPart[] =
      present === undefined ? [] : changedParts(row.input_fingerprint, present);
    if (changed.includes("scenario")) files.add(`${plot.scenario}.Rdata`);
    if (changed.includes("baseline")) files.add("baseline");
    if (changed.includes("image")) images.add(row.image);
    if (changed.includes("catalog")) catalog = true;
  }
  return [
    ...(files.size > 0 ? [`inputs changed: ${[...files].join(", ")}`] : []),
    ...(images.size > 0
      ? [`${drawerKind(image)} changed (${[...images].map(shortImage).join(", ")} -> ${shortImage(image)})`]
      : []),
    ...(catalog ? ["catalog changed"] : []),
    ...(absent > 0
      ? [`${count(absent)} of ${count(expected.length)} plots ${absent === 1 ? "was" : "were"} never published`]
      : []),
  ];
}

/** Shortens digests to twelve digits. */
function shortImage(image: string): string {
  return image.replace(/\b[0-9a-f]{13,}\b/g, (digest) => digest.slice(0, 12));
}
