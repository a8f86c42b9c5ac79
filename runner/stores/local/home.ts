/** The state directory: what lies where, and whose it is. `docs/local-state.md` draws the tree. */
import { mkdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ModelId } from "../../domain.ts";
import { UsageError } from "../../errors.ts";
import type { StateDatabase } from "./database.ts";
import { openDatabase } from "./database.ts";
import { isAbsent, storeFailure } from "./failure.ts";
import { type Belongings, readBelongings, readModel, recordBelongings, recordModel } from "./model.ts";

/** Absolute paths in a state directory. */
export interface Home {
  readonly root: string;
  /** The bucket: an object's key is its path below. */
  readonly objects: string;
  readonly database: string;
  readonly outbox: string;
  /** The render stage's work directories. */
  readonly work: string;
  /** Where inputs are looked for unless the user says otherwise. */
  readonly data: string;
}

/** Names only; touches nothing. */
export function homePaths(home: string): Home {
  const root = resolve(home);
  return {
    root,
    objects: join(root, "objects"),
    database: join(root, "replot.sqlite"),
    outbox: join(root, "outbox"),
    work: join(root, "work"),
    data: join(root, "data"),
  };
}

/** Makes the directories that are not there yet. */
export async function makeHome(paths: Home): Promise<void> {
  for (const directory of [paths.root, paths.objects, paths.outbox, paths.work, paths.data]) {
    try {
      await mkdir(directory, { recursive: true });
    } catch (thrown) {
      throw storeFailure("could not make the state directory", directory, thrown);
    }
  }
}

/**
 * Records which model a home serves, with which catalog and program; another model is refused. The first model that a
 * home sees is the one that it serves.
 * @throws {UsageError} when the home belongs to another model
 */
export async function claimHome(
  paths: Home,
  database: StateDatabase,
  model: ModelId,
  belongings?: Belongings,
): Promise<void> {
  const owner = await recordModel(database, model);
  if (owner !== model)
    throw new UsageError(refusal(paths, { owner, model }, belongings, await readBelongings(database)));
  if (belongings !== undefined) await recordBelongings(database, belongings);
}

/** @param mine what the command was called with; `theirs`: what the home remembers */
function refusal(
  { root }: Home,
  { owner, model }: { readonly owner: ModelId; readonly model: ModelId },
  mine: Belongings | undefined,
  theirs: Partial<Belongings>,
): string {
  const ofCatalog = (catalog: string | undefined) => (catalog === undefined ? "" : ` (catalog ${catalog})`);
  const drawn = theirs.program === undefined ? "" : `, drawn by ${theirs.program}`;
  const remedy =
    theirs.catalog === undefined
      ? "Give this catalog its own with --home DIR"
      : `Name that catalog with --catalog ${theirs.catalog}, or give this one its own state with --home DIR`;
  return (
    `${root} holds the plots of the model \`${owner}\`${ofCatalog(theirs.catalog)}${drawn}, not of ` +
    `\`${model}\`${ofCatalog(mine?.catalog)}: one state directory serves one catalog. ${remedy}`
  );
}

/**
 * Whether a directory is a home: whether it has a state database.
 * @throws {UnavailableError} when that can't be found out
 */
export async function isHome(home: string): Promise<boolean> {
  const { database } = homePaths(home);
  try {
    await stat(database);
    return true;
  } catch (thrown) {
    if (isAbsent(thrown)) return false;
    throw storeFailure("could not read the state database", database, thrown);
  }
}

/**
 * Which model a home serves, for commands that need no catalog.
 * @returns undefined where there is no home yet
 * @throws {UnavailableError} when the home is damaged, or from a newer replot
 */
export async function homeModel(home: string): Promise<ModelId | undefined> {
  if (!(await isHome(home))) return undefined;
  const paths = homePaths(home);
  const database = await openDatabase(paths.database);
  try {
    return await readModel(database);
  } finally {
    database.close();
  }
}
