/** Reads back what a run published, byte by byte, and compares it with what the run said it had published. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import pLimit from "p-limit";
import type { CityCode, RunId, ScenarioId } from "../domain.ts";
import { CannotWork, messageOf, systemCode } from "../errors.ts";
import { partitionKey, plotTitle, runKeys, sortKey } from "../layout.ts";
import type { IndexRow, ManifestLine, PlotCounts, RunRecord } from "../records.ts";
import type { Stores } from "../stores/ports.ts";
import { latestRun } from "./latest.ts";
import { readManifest } from "./manifest.ts";

export type FindingKind =
  | "missing object"
  | "altered object"
  | "unreadable object"
  | "no row"
  | "row points elsewhere"
  | "unexpected row"
  | "listed twice"
  | "counts differ";

export interface Finding {
  readonly kind: FindingKind;
  /** For people: `C.12580/cessation/incidence (mean.and.interval, none)`. Absent where it concerns the run. */
  readonly plot?: string;
  readonly city?: CityCode;
  readonly key?: string;
  /** The whole of it in plain words. */
  readonly message: string;
  /** Whether readers of the index meet it now. */
  readonly live: boolean;
}

export interface VerifyReport {
  readonly run: RunId;
  /** Whether the index is meant to show this run, so that its rows were compared, too. */
  readonly latest: boolean;
  /** Lines of the manifest. */
  readonly plots: number;
  /** Objects that were read back, and the bytes in them (uncompressed). */
  readonly objects: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

export interface VerifyOptions {
  readonly onProgress?: (done: number, total: number) => void;
  /** Objects read at once. Default 8. */
  readonly concurrency?: number;
}

type VerifyStores = Pick<Stores, "objects" | "index" | "ledger">;

const unzip = promisify(gunzip);
/** Bytes. What zlib accepts, and what the manifest of a strange figure shall not make us allocate. */
const smallestChunk = 64;
const largestChunk = 1 << 23;

/**
 * Objects are checked for any run, rows only for the one that the index is meant to show.
 * @throws {CannotWork} where the run left no manifest, or a damaged one
 */
export async function verifyRun(stores: VerifyStores, run: RunId, options: VerifyOptions = {}): Promise<VerifyReport> {
  const record = await stores.ledger.run(run);
  const latest = (await latestRun(stores.ledger))?.id === run;
  const lines = await manifestLines(stores, run, record);
  const limit = pLimit(options.concurrency ?? 8);
  const findings = countFindings(lines, record);
  let done = 0;
  let objects = 0;
  let bytes = 0;

  for (const part of byPartition(lines)) {
    const { city, scenario } = part.plots;
    const rows = new Map((await stores.index.rows(city, scenario)).map((row) => [row.outcome_stat_facet, row]));
    const found = await limit.map(part.lines, async (line) => {
      const row = rows.get(sortKey(line));
      const rowFinding = latest ? checkRow(line, row) : undefined;
      const objectFinding = await checkObject(stores.objects, line, row);
      done += 1;
      options.onProgress?.(done, lines.length);
      if (line.key !== undefined && objectFinding === undefined) {
        objects += 1;
        bytes += line.bytes ?? 0;
      }
      return [rowFinding ?? [], objectFinding ?? []].flat();
    });
    findings.push(...found.flat());
  }
  return { run, latest, plots: lines.length, objects, bytes, findings };
}

async function manifestLines(
  { objects }: VerifyStores,
  run: RunId,
  record: RunRecord | undefined,
): Promise<ManifestLine[]> {
  if (!(await objects.has(runKeys.manifest(run)))) {
    const why =
      record === undefined
        ? "the ledger doesn't know it either; `replot runs` lists those there are"
        : record.state === "running"
          ? "it is still running, or was killed"
          : `it ended as ${record.state}`;
    throw new CannotWork(`run ${run} has no manifest (${objects.location(runKeys.manifest(run))}): ${why}`);
  }
  const lines: ManifestLine[] = [];
  for await (const line of readManifest(objects, run)) lines.push(line);
  return lines;
}

interface Partition {
  readonly plots: { readonly city: CityCode; readonly scenario: ScenarioId };
  readonly lines: readonly ManifestLine[];
}

function byPartition(lines: readonly ManifestLine[]): Partition[] {
  const groups = Map.groupBy(lines, ({ city, scenario }) => partitionKey(city, scenario));
  return [...groups.values()].flatMap((group) => (group[0] === undefined ? [] : [{ plots: group[0], lines: group }]));
}

/** What the run's record and its manifest should agree on. Pure. */
function countFindings(lines: readonly ManifestLine[], record: RunRecord | undefined): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const counted: Record<keyof PlotCounts, number> = { expected: 0, changed: 0, unchanged: 0, skipped: 0, missing: 0 };
  for (const line of lines) {
    const plot = plotTitle(line);
    if (seen.has(plot)) {
      const message = `${plot}: listed twice in the manifest`;
      findings.push({ kind: "listed twice", plot, city: line.city, message, live: false });
    }
    seen.add(plot);
    counted.expected += 1;
    counted[line.status] += 1;
  }
  if (record === undefined) return findings;
  const { expected, changed, unchanged, skipped, missing } = record.counts;
  for (const [what, said] of Object.entries({ expected, changed, unchanged, skipped, missing })) {
    const found = Object.entries(counted).find(([name]) => name === what)?.[1];
    if (found === said) continue;
    const message = `the ledger says ${said} plots ${what}, the manifest lists ${found}`;
    findings.push({ kind: "counts differ", message, live: false });
  }
  return findings;
}

/** Whether the index says of a plot what the latest run left there. Pure. */
function checkRow(line: ManifestLine, row: IndexRow | undefined): Finding | undefined {
  const plot = plotTitle(line);
  const about = { plot, city: line.city, live: true };
  if (line.key === undefined) {
    if (row === undefined) return undefined;
    const message = `${plot}: unexpected row: the run left none, the index names ${row.s3_key} of run ${row.run_id}`;
    return { ...about, kind: "unexpected row", key: row.s3_key, message };
  }
  if (row === undefined) {
    return { ...about, kind: "no row", key: line.key, message: `${plot}: no row in the index; expected ${line.key}` };
  }
  if (row.s3_key === line.key && row.sha256 === line.sha256) return undefined;
  const message = `${plot}: row points elsewhere: to ${row.s3_key} of run ${row.run_id}, expected ${line.key}`;
  return { ...about, kind: "row points elsewhere", key: row.s3_key, message };
}

async function checkObject(
  objects: Stores["objects"],
  line: ManifestLine,
  row: IndexRow | undefined,
): Promise<Finding | undefined> {
  const { key } = line;
  if (key === undefined) return undefined;
  const plot = plotTitle(line);
  const finding = (kind: FindingKind, what: string): Finding => ({
    kind,
    plot,
    city: line.city,
    key,
    message: `${plot}: ${what}: ${key}`,
    live: row?.s3_key === key,
  });
  let stored: Uint8Array | undefined;
  try {
    stored = await objects.get(key);
  } catch (thrown) {
    return finding("unreadable object", `unreadable object (${messageOf(thrown)})`);
  }
  if (stored === undefined) return finding("missing object", "missing object");
  const altered = await difference(stored, line);
  return altered === undefined ? undefined : finding("altered object", `altered object (${altered})`);
}

/** How stored bytes differ from what the manifest says of them; undefined where they don't. */
async function difference(stored: Uint8Array, { bytes, sha256 }: ManifestLine): Promise<string | undefined> {
  if (bytes === undefined || sha256 === undefined) return "the manifest has no checksum for it";
  let figure: Buffer;
  try {
    // no more than it should be: what is stored may be anything. In one piece: in many it takes twice the time.
    figure = await unzip(stored, {
      maxOutputLength: Math.max(1, bytes),
      chunkSize: Math.min(bytes + smallestChunk, largestChunk),
    });
  } catch (thrown) {
    if (systemCode(thrown) === "ERR_BUFFER_TOO_LARGE") return `more than ${bytes} bytes`;
    return `not whole gzip data: ${messageOf(thrown)}`;
  }
  if (figure.length !== bytes) return `${figure.length} bytes instead of ${bytes}`;
  if (createHash("sha256").update(figure).digest("hex") !== sha256) return "its checksum differs";
  return undefined;
}
