/** Verifies the present index or the plots of a run: compares the stored objects with their recorded size and checksum. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import pLimit from "p-limit";
import { CityCode, type RunId, ScenarioId } from "../domain.ts";
import { messageOf, systemCode, UnavailableError } from "../errors.ts";
import { partitionKey, plotTitle, rowKey, rowKeyOf, runKeys } from "../layout.ts";
import type { IndexRow, ManifestLine, PlotCounts, RunRecord } from "../records.ts";
import type { Stores } from "../stores/ports.ts";
import { latestChange } from "./latest.ts";
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

export interface VerifyFinding {
  readonly kind: FindingKind;
  /** For people: `C.12580/cessation/incidence (mean.and.interval, none)`. Absent where it concerns the run. */
  readonly plot?: string;
  readonly city?: CityCode;
  readonly key?: string;
  /** The complete finding as one line for users. */
  readonly message: string;
  /** Whether it affects readers of the present index. */
  readonly live: boolean;
  /** The run that drew the plot, where a row of the index says so. */
  readonly drawnBy?: RunId;
}

export interface VerifyReport {
  /** Undefined if the index was verified instead of one run. */
  readonly run: RunId | undefined;
  /** Whether this run determined the present index, so that rows were compared too. */
  readonly latest: boolean;
  /** The run whose manifest the rows were compared with; undefined if they were not compared. */
  readonly rowsOf: RunId | undefined;
  /** Lines of the manifest, or rows of the index. */
  readonly plots: number;
  /** Objects that were read back, and the bytes in them (uncompressed). */
  readonly objects: number;
  readonly bytes: number;
  readonly findings: readonly VerifyFinding[];
}

export interface VerifyOptions {
  readonly onProgress?: (done: number, total: number) => void;
  /** Objects read at once. Default 8. */
  readonly concurrency?: number;
}

type VerifyStores = Pick<Stores, "objects" | "index" | "ledger">;

const unzip = promisify(gunzip);
/** Limits of the buffer for a figure, in bytes: the minimum of zlib, and a maximum for invalid sizes in a manifest. */
const smallestChunk = 64;
const largestChunk = 1 << 23;

/**
 * Verifies the object of every row of the index, and compares the rows with the manifest of the run that last determined
 * them.
 * @throws {UnavailableError} if that manifest is damaged
 */
export async function verifyIndex(stores: VerifyStores, options: VerifyOptions = {}): Promise<VerifyReport> {
  const latest = (await latestChange(stores))?.run;
  const manifest =
    latest !== undefined && (await stores.objects.has(runKeys.manifest(latest.id)))
      ? await manifestLines(stores, latest.id, latest)
      : [];
  const expected = new Map(manifest.map((line) => [rowKeyOf(line), line]));
  const lines: ManifestLine[] = [];
  const drawnBy = new Map<ManifestLine, RunId>();
  const findings: VerifyFinding[] = [];
  for await (const row of stores.index.all()) {
    const line = lineOf(row);
    lines.push(line);
    drawnBy.set(line, row.run_id);
    const meant = expected.get(rowKey(row));
    expected.delete(rowKey(row));
    findings.push(...[(meant && checkRow(meant, row)) ?? []].flat());
  }
  for (const line of expected.values()) findings.push(...[checkRow(line, undefined) ?? []].flat());

  const objects = await checkObjects(stores.objects, lines, options, {
    live: () => true,
    drawnBy: (line) => drawnBy.get(line),
  });
  return {
    run: undefined,
    latest: true,
    rowsOf: latest?.id,
    plots: lines.length,
    ...objects,
    findings: [...findings, ...objects.findings],
  };
}

/**
 * Verifies the objects of a run, and the rows if that run determined the present index.
 * @throws {UnavailableError} if the manifest is missing or damaged
 */
export async function verifyRun(stores: VerifyStores, run: RunId, options: VerifyOptions = {}): Promise<VerifyReport> {
  const record = await stores.ledger.run(run);
  const latest = (await latestChange(stores))?.run.id === run;
  const lines = await manifestLines(stores, run, record);
  const findings = countFindings(lines, record);
  const present = new Map<string, IndexRow>();
  for (const { city, scenario } of byPartition(lines)) {
    for (const row of await stores.index.rows(city, scenario)) present.set(rowKey(row), row);
  }
  if (latest) {
    for (const line of lines) findings.push(...[checkRow(line, present.get(rowKeyOf(line))) ?? []].flat());
  }
  const objects = await checkObjects(stores.objects, lines, options, {
    live: (line) => present.get(rowKeyOf(line))?.s3_key === line.key,
    drawnBy: () => undefined,
  });
  const rowsOf = latest ? run : undefined;
  return { run, latest, rowsOf, plots: lines.length, ...objects, findings: [...findings, ...objects.findings] };
}

/** Facts about the plot of a line that come from the index. */
interface LineFacts {
  /** Whether the present index references its object. */
  live(line: ManifestLine): boolean;
  drawnBy(line: ManifestLine): RunId | undefined;
}

/** Verifies the objects of lines. */
async function checkObjects(
  store: Stores["objects"],
  lines: readonly ManifestLine[],
  { onProgress, concurrency = 8 }: VerifyOptions,
  known: LineFacts,
): Promise<Pick<VerifyReport, "objects" | "bytes" | "findings">> {
  const limit = pLimit(concurrency);
  let done = 0;
  let objects = 0;
  let bytes = 0;
  const found = await limit.map(lines, async (line) => {
    const finding = await checkObject(store, line, known);
    done += 1;
    onProgress?.(done, lines.length);
    if (line.key !== undefined && finding === undefined) {
      objects += 1;
      bytes += line.bytes ?? 0;
    }
    return finding ?? [];
  });
  return { objects, bytes, findings: found.flat() };
}

/** A row as a manifest would list it. */
function lineOf(row: IndexRow): ManifestLine {
  const [city, scenario] = row.city_scenario.split("#");
  return {
    city: CityCode.parse(city),
    scenario: ScenarioId.parse(scenario),
    outcome: row.outcome,
    statistic: row.statistic_type,
    facet: row.facet_choice,
    status: "skipped",
    key: row.s3_key,
    sha256: row.sha256,
    bytes: row.file_size,
  };
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
    throw new UnavailableError(`run ${run} has no manifest (${objects.location(runKeys.manifest(run))}): ${why}`);
  }
  const lines: ManifestLine[] = [];
  for await (const line of readManifest(objects, run)) lines.push(line);
  return lines;
}

/** One line for each partition of the index that contains lines. */
function byPartition(lines: readonly ManifestLine[]): ManifestLine[] {
  return [...new Map(lines.map((line) => [partitionKey(line.city, line.scenario), line])).values()];
}

/** Compares the counts in a run's record with its manifest. Pure. */
function countFindings(lines: readonly ManifestLine[], record: RunRecord | undefined): VerifyFinding[] {
  const findings: VerifyFinding[] = [];
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

/** Compares the row of a plot with the manifest of the latest run. Pure. */
function checkRow(line: ManifestLine, row: IndexRow | undefined): VerifyFinding | undefined {
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
  known: LineFacts,
): Promise<VerifyFinding | undefined> {
  const { key } = line;
  if (key === undefined) return undefined;
  const plot = plotTitle(line);
  const drawnBy = known.drawnBy(line);
  const finding = (kind: FindingKind, what: string): VerifyFinding => ({
    kind,
    plot,
    city: line.city,
    key,
    message: `${plot}: ${what}: ${key}`,
    live: known.live(line),
    ...(drawnBy === undefined ? {} : { drawnBy }),
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

/** Describes how stored bytes differ from their record in the manifest; undefined if they are equal. */
async function difference(stored: Uint8Array, { bytes, sha256 }: ManifestLine): Promise<string | undefined> {
  if (bytes === undefined || sha256 === undefined) return "the manifest has no checksum for it";
  let figure: Buffer;
  try {
    // limits the output, because the stored bytes may be anything; one chunk takes half the time of many
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
