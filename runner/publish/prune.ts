/**
 * Removes plot objects that neither the index nor a kept state references. If a snapshot or manifest can't be read,
 * nothing is removed.
 */
import type { ModelId, RunId } from "../domain.ts";
import { plotsPrefix } from "../layout.ts";
import type { KeptLease } from "../lock/lease.ts";
import { withLock } from "../lock/with-lock.ts";
import type { IndexRow } from "../records.ts";
import type { Stores } from "../stores/ports.ts";
import { type KeptState, statesToKeep, unreadable } from "./kept-states.ts";
import { readIndexSnapshot, readManifest } from "./manifest.ts";
import type { RowKey } from "./rollback.ts";

export interface PruneOptions {
  readonly model: ModelId;
  /** Whether a row's plot is in the catalog (independent of presets). */
  readonly inCatalog: (row: IndexRow) => boolean;
  /** Whether to remove stray rows, which are not in the catalog. */
  readonly rows?: boolean;
  /** Whether to report only, without removing anything; needs no lock. */
  readonly dryRun?: boolean;
  /** Number of distinct states, and of whole states, to keep. Default 10. */
  readonly keepStates?: number;
  /** The lease of the run that calls prune at its end. Without one, prune acquires the lock. */
  readonly lease?: Pick<KeptLease, "check">;
}

export interface PruneResult {
  readonly dryRun: boolean;
  /** Plot objects that were removed, or would be. */
  readonly removed: { readonly objects: number; readonly bytes: number; readonly keys: readonly string[] };
  /** Plot objects that remain. */
  readonly kept: { readonly objects: number; readonly bytes: number };
  /** Rows that are not in the catalog; removed only on request. */
  readonly strayRows: readonly RowKey[];
  readonly rowsRemoved: number;
  /** For each kept state the newest run that left it, newest first. */
  readonly runs: readonly RunId[];
}

interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

type PruneStores = Pick<Stores, "objects" | "index" | "ledger" | "lock">;

const batch = 1000;

/**
 * @throws {UnavailableError} if a manifest or snapshot of a kept run can't be read; then nothing is removed
 * @throws {Locked} while a run is at work
 */
export async function prune(stores: PruneStores, options: PruneOptions): Promise<PruneResult> {
  const { lease } = options;
  if (options.dryRun === true) return plan(stores, options);
  if (lease !== undefined) return carryOut(stores, options, lease);
  return withLock(stores.lock, "prune", (own) => carryOut(stores, options, own));
}

async function carryOut(
  stores: PruneStores,
  options: PruneOptions,
  lease: Pick<KeptLease, "check">,
): Promise<PruneResult> {
  const result = await plan(stores, options);
  const rows = options.rows === true ? result.strayRows : [];
  for (const some of batches(rows)) {
    await lease.check();
    await stores.index.write([], some);
  }
  for (const some of batches(result.removed.keys)) {
    await lease.check();
    await stores.objects.remove(some);
  }
  return { ...result, rowsRemoved: rows.length };
}

async function plan(stores: PruneStores, options: PruneOptions): Promise<PruneResult> {
  const { objects, index } = stores;
  const inIndex = new Set<string>();
  const strayRows: RowKey[] = [];
  for await (const row of index.all()) {
    const stray = !options.inCatalog(row);
    if (stray) strayRows.push({ city_scenario: row.city_scenario, outcome_stat_facet: row.outcome_stat_facet });
    if (!(stray && options.rows === true)) inIndex.add(row.s3_key);
  }

  const disposable = new Map<string, StoredObject[]>();
  const all = { objects: 0, bytes: 0 };
  for await (const object of objects.list(plotsPrefix(options.model))) {
    all.objects += 1;
    all.bytes += object.bytes;
    const figure = figureOf(options.model, object.key);
    if (figure === undefined || inIndex.has(figure)) continue;
    disposable.set(figure, [...(disposable.get(figure) ?? []), object]);
  }

  const kept = await statesToKeep(stores, options.keepStates ?? 10);
  for (const source of kept) {
    // usually the index references all objects, and the snapshots need not be read
    if (disposable.size === 0) break;
    await spareNamed(objects, source, disposable);
  }

  const removed = [...disposable.values()].flat();
  const bytes = removed.reduce((sum, object) => sum + object.bytes, 0);
  return {
    dryRun: options.dryRun === true,
    removed: { objects: removed.length, bytes, keys: removed.map(({ key }) => key) },
    kept: { objects: all.objects - removed.length, bytes: all.bytes - bytes },
    strayRows,
    rowsRemoved: 0,
    runs: kept.filter(({ names }) => names === "snapshot").map(({ run }) => run),
  };
}

/**
 * Key of the figure that an object belongs to: its own key, or for a page the key of the figure beside it. Undefined for
 * other objects, such as the script that pages share; these are never removed. Pure.
 */
export function figureOf(model: ModelId, key: string): string | undefined {
  const prefix = plotsPrefix(model);
  const plotObject = /^[^/]+\/[^/]+\/[^/]+\.[0-9a-f]{16}\.(json|html)$/;
  if (!key.startsWith(prefix) || !plotObject.test(key.slice(prefix.length))) return undefined;
  return key.replace(/\.html$/, ".json");
}

/** Removes the objects that a kept run references from the disposable ones. */
async function spareNamed(
  objects: Stores["objects"],
  { run, names }: KeptState,
  disposable: Map<string, unknown>,
): Promise<void> {
  try {
    if (names === "manifest") {
      for await (const { key } of readManifest(objects, run)) if (key !== undefined) disposable.delete(key);
    } else {
      for await (const { s3_key } of readIndexSnapshot(objects, run)) disposable.delete(s3_key);
    }
  } catch (thrown) {
    throw unreadable(objects, run, thrown);
  }
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += batch) yield all.slice(start, start + batch);
}
