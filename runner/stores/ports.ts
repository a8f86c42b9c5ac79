/**
 * What the pipeline needs from the world. Each port has a local adapter and one in AWS; the pipeline takes them as
 * arguments and never asks where it runs. Adapters validate what they read and have nothing to decide.
 */
import type { CityCode, RunId, ScenarioId, Sha256 } from "../domain.ts";
import type { CityRecord, IndexRow, RunRecord } from "../records.ts";

/** A simulation file as it lies in the store. */
export interface InputFile {
  /** Below the data directory: `simulations/ryan-white/base/C.12580_base.Rdata`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Sha256;
}

export interface CityInputs {
  readonly baseline: InputFile | undefined;
  readonly scenarios: ReadonlyMap<ScenarioId, InputFile>;
  /** Files that lie in the store and can't be read where R runs, and so are absent above: why, by path. */
  readonly hidden?: ReadonlyMap<string, string>;
}

export interface Inputs {
  /** What is there for a city, with checksums. Missing files are absent, never an error. */
  describe(city: CityCode, scenarios: readonly ScenarioId[]): Promise<CityInputs>;
  /** Puts a city's files where R finds them. */
  fetch(city: CityCode, inputs: CityInputs): Promise<void>;
  /** The city is done: what `fetch` brought may go. */
  release(city: CityCode): Promise<void>;
}

export interface NewObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly contentEncoding?: "gzip";
  readonly cacheControl?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A bucket of immutable objects. */
export interface ObjectStore {
  /** Resolves once the store has confirmed the whole object under its key. */
  put(object: NewObject): Promise<void>;
  /** The stored (compressed) bytes; undefined where there is no such object. */
  get(key: string): Promise<Uint8Array | undefined>;
  has(key: string): Promise<boolean>;
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly bytes: number }>;
  remove(keys: readonly string[]): Promise<void>;
  /** Where a person can look at the object: a path or a link. */
  location(key: string): string;
}

/** The table a portal reads: which object is the present plot. */
export interface PlotIndex {
  /** Rows of one city under one scenario. */
  rows(city: CityCode, scenario: ScenarioId): Promise<IndexRow[]>;
  all(): AsyncIterable<IndexRow>;
  /** Puts rows and removes keys together, as far as the store can. */
  write(
    put: readonly IndexRow[],
    remove?: readonly Pick<IndexRow, "city_scenario" | "outcome_stat_facet">[],
  ): Promise<void>;
}

export interface Ledger {
  /** Claims the run's id. False where a run of that id exists: then nothing was written. */
  begin(run: RunRecord): Promise<boolean>;
  saveRun(run: RunRecord): Promise<void>;
  saveCity(city: CityRecord): Promise<void>;
  run(id: RunId): Promise<RunRecord | undefined>;
  /** In the order in which they began, newest first, whatever the clocks said. @param limit how many; default: all */
  runs(limit?: number): Promise<RunRecord[]>;
  cities(run: RunId): Promise<CityRecord[]>;
}

/** Who holds the lock, for people and for judging whether they still live. */
export interface LockHolder {
  readonly run: RunId;
  /** `host:pid` or a task ARN. */
  readonly owner: string;
  readonly since: string;
}

export interface Lease {
  /** Moves the lease's end forward. False: it was lost to another run. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

export interface Lock {
  /** The lease, or who holds it. A holder known to be dead, or whose lease has run out, is replaced. */
  acquire(holder: LockHolder): Promise<Lease | { readonly heldBy: LockHolder }>;
}

export interface Notification {
  readonly run: RunId;
  /** ASCII, under 100 characters. */
  readonly subject: string;
  readonly body: string;
}

export interface Notifier {
  /** Resolves once the message was accepted. */
  notify(notification: Notification): Promise<void>;
}

/** Everything a run works on. */
export interface Stores {
  readonly inputs: Inputs;
  readonly objects: ObjectStore;
  readonly index: PlotIndex;
  readonly ledger: Ledger;
  readonly lock: Lock;
  readonly notifier: Notifier;
}

/** Calls made to the services behind stores so far, for the report and for what they cost. */
export interface Usage {
  /** Calls that had to be repeated. */
  readonly repeated: number;
  readonly objectsWritten: number;
  readonly objectsRead: number;
  /** Items of tables written or removed. */
  readonly itemsWritten: number;
}

/** Stores as a command opens them: in a state directory, or in AWS. */
export interface OpenStores extends Stores {
  /** Where R finds the inputs: the directory with `simulations/`. */
  readonly dataDirectory: string;
  /** Undefined where nothing is called that would cost. */
  readonly usage?: () => Usage;
  /** Nothing may be called afterwards. */
  close(): Promise<void>;
}
