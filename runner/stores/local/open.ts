/** Every port over one state directory. */
import { resolve } from "node:path";
import type { ModelId } from "../../domain.ts";
import type { OpenStores } from "../ports.ts";
import { openChecksums } from "./checksums.ts";
import { openDatabase } from "./database.ts";
import { claimHome, type Home, homePaths, isHome, makeHome } from "./home.ts";
import { openIndex } from "./index.ts";
import { openInputs } from "./inputs.ts";
import { openLedger } from "./ledger.ts";
import { openLock } from "./lock.ts";
import type { Belongings } from "./model.ts";
import { openObjects } from "./objects.ts";
import { openOutbox } from "./outbox.ts";

export interface LocalOptions {
  /** The state directory. */
  readonly home: string;
  /** Whether the state directory is made where there is none. Without, the stores are empty and stay in memory. Default true. */
  readonly make?: boolean;
  /** Where `simulations/` lies. Default: `data/` in the home. */
  readonly dataDirectory?: string | undefined;
  readonly model: ModelId;
  /** What the state is used with. It is remembered, for the message that refuses another model. */
  readonly belongings?: Belongings;
  /** How long another process may lock the database, in milliseconds. Default 10 s. */
  readonly patience?: number;
  /** How long a holder of the lock that gives no sign keeps it, in milliseconds. Default 60 s. */
  readonly leaseTime?: number;
}

export interface LocalStores extends OpenStores {
  readonly home: Home;
}

/**
 * Opens the stores in a state directory.
 * @throws {UsageError} when the directory belongs to another model
 * @throws {UnavailableError} when it can't be read or written, is damaged, or is from a newer replot
 */
export async function openLocalStores(options: LocalOptions): Promise<LocalStores> {
  const home = homePaths(options.home);
  const dataDirectory = options.dataDirectory === undefined ? home.data : resolve(options.dataDirectory);
  const inMemory = options.make === false && !(await isHome(home.root));
  if (!inMemory) await makeHome(home);
  const database = await openDatabase(inMemory ? ":memory:" : home.database, options);
  try {
    await claimHome(home, database, options.model, options.belongings);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  const objects = openObjects(home.objects);
  return {
    home,
    dataDirectory,
    inputs: openInputs(dataDirectory, options.model, openChecksums(database)),
    objects,
    index: openIndex(database),
    ledger: openLedger(database),
    lock: openLock(database, { ...options, acquired: () => objects.sweep() }),
    notifier: openOutbox(home.outbox),
    async close() {
      database.close();
    },
  };
}
