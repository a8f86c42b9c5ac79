/** What every command opens first: settings, catalog, stores. */
import { access } from "node:fs/promises";
import type { Catalog } from "../catalog/catalog.ts";
import { loadCatalog } from "../catalog/load.ts";
import { RunId } from "../domain.ts";
import { CannotWork, WrongRequest } from "../errors.ts";
import type { RunRecord } from "../records.ts";
import { readSettings, type SettingOptions, type Settings } from "../settings.ts";
import { type LocalStores, openLocalStores } from "../stores/local/open.ts";
import type { Ledger } from "../stores/ports.ts";

export interface Session {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly stores: LocalStores;
}

/** Opens the stores, making the state directory where there is none, and closes them afterwards. */
export async function withSession<T>(options: SettingOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const settings = readSettings(options);
  const catalog = await loadCatalog(settings.catalog);
  const stores = await openLocalStores({ home: settings.home, dataDirectory: settings.data, model: catalog.model });
  try {
    return await work({ settings, catalog, stores });
  } finally {
    await stores.close();
  }
}

/** The same for commands that only look: where there is no state yet, they say so. */
export async function withExistingSession<T>(
  options: SettingOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { home } = readSettings(options);
  await access(home).catch(() => {
    throw new CannotWork(`there is no state in ${home}; begin with: replot regenerate minimal`);
  });
  return withSession(options, work);
}

/**
 * @param name a run's id, the beginning of one, or `latest`
 * @throws WrongRequest that lists the latest runs where none is meant
 */
export async function findRun(ledger: Ledger, name: string): Promise<RunRecord> {
  const exact = RunId.safeParse(name);
  const found = exact.success ? await ledger.run(exact.data) : undefined;
  if (found) return found;
  const runs = await ledger.runs(100);
  if (runs.length === 0) throw new WrongRequest("there is no run yet; begin with: replot regenerate minimal");
  const meant = name === "latest" ? runs.slice(0, 1) : runs.filter(({ id }) => id.startsWith(name));
  const [run, another] = meant;
  if (run && !another) return run;
  const listed = runs.slice(0, 5).map(({ id }) => id);
  throw new WrongRequest(
    `${run ? `"${name}" begins several runs` : `there is no run "${name}"`}; the latest are:\n  ${listed.join("\n  ")}`,
  );
}
