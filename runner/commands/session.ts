/** A session: settings, catalog and stores, opened before a command's work and closed after it. */
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Catalog } from "../catalog/catalog.ts";
import { loadCatalog } from "../catalog/load.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { RunId } from "../domain.ts";
import { UnavailableError, UsageError } from "../errors.ts";
import { projectFileName } from "../project/project.ts";
import type { RunRecord } from "../records.ts";
import { root } from "../root.ts";
import { readSettings, type SettingOptions, type Settings } from "../settings.ts";
import { readDeployment } from "../stack/outputs.ts";
import { homePaths, isHome } from "../stores/local/home.ts";
import type { Belongings } from "../stores/local/model.ts";
import { openLocalStores } from "../stores/local/open.ts";
import type { Ledger, OpenStores } from "../stores/ports.ts";
import { commandLine } from "./hints.ts";
import type { StateOptions } from "./options.ts";

export interface Session {
  /** The stack that `--stack` names. */
  readonly deployment: Deployment | undefined;
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly stores: OpenStores;
}

/** Settings, and the stack in whose stores to work. */
export type SessionOptions = SettingOptions & { readonly stack?: string };

/** What to do without a state directory: create it, or treat the state as empty and create nothing. */
export type AbsentHome = "make" | "treat as empty";

/**
 * Opens the stores, in a stack or in the state directory, and closes them afterwards.
 * @param absent only commands that write make a state directory
 */
export async function withSession<T>(
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
  absent: AbsentHome = "make",
): Promise<T> {
  const { settings, deployment } = await settingsOf(options);
  const catalog = await loadCatalog(settings.catalog);
  const stores = await openStores(settings, catalog, absent);
  try {
    return await work({ deployment, settings, catalog, stores });
  } finally {
    await stores.close();
  }
}

/** The same for commands that need existing state. @throws UnavailableError if there is no state yet */
export async function withExistingSession<T>(
  options: StateOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const settings = readSettings(options);
  const { cloud, home } = settings;
  if (cloud === undefined && options.stack === undefined) {
    if (!(await isHome(home))) {
      throw new UnavailableError(
        `there is no state in ${home}; begin with: ${firstCommand(settings, options)}, ` +
          "or look at a stack in AWS with --stack NAME",
      );
    }
  }
  return withSession(options, work);
}

/** Decides which stores a command works on: sets `settings.cloud` and `settings.region` for a stack. */
async function settingsOf(options: SessionOptions): Promise<Pick<Session, "settings" | "deployment">> {
  const settings = readSettings(options);
  if (options.stack === undefined) return { settings, deployment: undefined };
  const deployment = await readDeployment(options.stack);
  return { settings: { ...settings, cloud: deployment, region: deployment.region }, deployment };
}

async function openStores(settings: Settings, catalog: Catalog, absent: AbsentHome): Promise<OpenStores> {
  const { cloud, region, home, data, task } = settings;
  const { model } = catalog;
  if (cloud === undefined) {
    return openLocalStores({
      home,
      dataDirectory: data,
      model,
      make: absent === "make",
      belongings: belongingsOf(settings),
    });
  }
  // on a laptop, inputs fetched from a stack must not be mixed with the user's own
  const dataDirectory = task === undefined ? join(home, "fetched") : data;
  // imported on demand, since the AWS clients take time and memory
  const { openAwsStores } = await import("../stores/aws/open.ts");
  return openAwsStores({ cloud, region, dataDirectory, model });
}

/** What a state remembers: a command that names no program, such as `show`, leaves the one that drew. */
function belongingsOf({ catalog, named, rImage, program }: Settings): Belongings {
  const command = program?.words.map(({ written }) => written).join(" ");
  return { catalog, program: named.program ? (rImage ?? command) : undefined };
}

/**
 * Refuses a named data directory that does not exist, since no city could be drawn.
 * @throws UsageError
 */
export async function refuseAbsentData(settings: Settings): Promise<void> {
  const { data, home, cloud, project } = settings;
  if (cloud === undefined && project === undefined) await refuseNothingNamed(settings);
  // a stack's inputs come from its bucket, and `data/` of the home is made with it
  if (cloud !== undefined || data === homePaths(home).data) return;
  const found = await stat(data).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new UsageError(
    `${project !== undefined && data === project.data ? `data in ${project.file}` : "--data"}: ${found === undefined ? "there is no directory" : "this is no directory:"} ${data}; ` +
      "name the directory in which simulations/ lies",
  );
}

/**
 * Refuses a directory without a project where nothing else is named and no state lies: the sample model, which is the
 * default, is meant in the checkout alone.
 */
async function refuseNothingNamed(settings: Settings): Promise<void> {
  const { home } = settings;
  if (isSampleModelMeant(settings)) return;
  if ((await isHome(home)) || (await stat(join(home, "data")).catch(() => undefined)) !== undefined) return;
  throw new UsageError(
    `there is no ${projectFileName} in ${process.cwd()} or above, and no state in ${home}. A run needs a catalog, inputs ` +
      `and a program that draws: name them in ${projectFileName} or with --catalog, --data and --r-command or --r-image. ` +
      "`replot init` makes an example of all of them",
  );
}

/** Whether a command without a project means something: in the checkout, or where something is named. */
function isSampleModelMeant({ named }: Settings): boolean {
  const inCheckout = !/^\.\.(\/|$)/.test(relative(root, process.cwd()));
  return inCheckout || Object.values(named).includes(true);
}

/**
 * Refuses a project whose catalog no program belongs to: the sample model's would draw nothing of it.
 * @throws UsageError
 */
export function refuseAbsentProgram({ project, named }: Settings): void {
  if (project?.catalog === undefined || named.program) return;
  throw new UsageError(
    `${project.file} names a catalog and no program that draws it; add a line such as\n` +
      "  program: { command: Rscript program.R }\nor name one with --r-command or --r-image",
  );
}

/** What to type for a first run, in a stack or here. */
export function beginning(options: StateOptions): string {
  return options.stack === undefined
    ? firstCommand(readSettings(options), options)
    : commandLine("start minimal", options);
}

/** What to type for a first run here; a project knows its preset. */
function firstCommand(settings: Settings, options: StateOptions): string {
  if (settings.project !== undefined) return commandLine("regenerate", options);
  return isSampleModelMeant(settings) ? commandLine("regenerate minimal", options) : "replot init";
}

/**
 * @param name a run's id, the beginning of one, or `latest`
 * @param begin the command for a first run
 * @throws UsageError that lists the latest runs if the name matches none or several
 */
export async function findRun(ledger: Ledger, name: string, begin = beginning({})): Promise<RunRecord> {
  const exact = RunId.safeParse(name);
  const found = exact.success ? await ledger.run(exact.data) : undefined;
  if (found) return found;
  const runs = await ledger.runs(100);
  if (runs.length === 0) throw new UsageError(`there is no run yet; begin with: ${begin}`);
  const meant = name === "latest" ? runs.slice(0, 1) : runs.filter(({ id }) => id.startsWith(name));
  const [run, another] = meant;
  if (run && !another) return run;
  const listed = runs.slice(0, 5).map(({ id }) => id);
  throw new UsageError(
    `${run ? `"${name}" begins several runs` : `there is no run "${name}"`}; the latest are:\n  ${listed.join("\n  ")}`,
  );
}
