/** An installation of its own for a test: state, inputs, and the command line as a real process. */
import { type ChildProcess, execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadCatalog } from "../../runner/catalog/load.ts";
import { openLocalStores } from "../../runner/stores/local/open.ts";
import { type Result, type Running, root, startProgram } from "./command.ts";
import { readState, type State } from "./state.ts";

export { type Result, type Running, root };

const weather = join(root, "test/support/weather");
export const weatherCatalog = join(weather, "weather.yaml");
/** How the foreign program is called. */
export const weatherCommand = JSON.stringify(["Rscript", join(weather, "draw.R")]);
const execute = promisify(execFile);

export interface Installation {
  readonly directory: string;
  readonly home: string;
  readonly data: string;
  /** What a station's program remembers; see `weather/draw.R`. */
  readonly marks: string;
  /** What the command line gets. */
  readonly environment: NodeJS.ProcessEnv;
  /** Runs a command to its end. */
  replot(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Result>;
  start(args: readonly string[], environment?: NodeJS.ProcessEnv): Running;
  state(): Promise<State>;
  remove(): Promise<void>;
}

export interface InstallationOptions {
  readonly catalog: string;
  /** A data directory to copy. */
  readonly data: string;
  readonly environment: NodeJS.ProcessEnv;
}

export async function install({ catalog, data, environment }: InstallationOptions): Promise<Installation> {
  const directory = await mkdtemp(join(tmpdir(), "replot-test-"));
  const home = join(directory, "home");
  const own = join(directory, "data");
  const marks = join(directory, "marks");
  await mkdir(marks);
  await cp(data, own, { recursive: true });
  const variables = {
    ...process.env,
    REPLOT_HOME: home,
    REPLOT_CATALOG: catalog,
    REPLOT_DATA: own,
    FOREIGN_MARKS: marks,
    ...environment,
  };

  const children: ChildProcess[] = [];

  function start(args: readonly string[], changes: NodeJS.ProcessEnv = {}): Running {
    const running = startProgram(args, { ...variables, ...changes }, directory);
    children.push(running.process);
    return running;
  }

  return {
    directory,
    home,
    data: own,
    marks,
    environment: variables,
    start,
    replot: (args, changes) => start(args, changes).ended,
    async state() {
      const { model } = await loadCatalog(catalog);
      return readState(await openLocalStores({ home, dataDirectory: own, model }));
    },
    async remove() {
      // a test that failed half way leaves none behind
      for (const child of children) child.kill("SIGKILL");
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

let weatherData: Promise<string> | undefined;

/** Three stations, 32 plots each (96 in all), drawn by a foreign program. */
export async function weatherInstallation(environment: NodeJS.ProcessEnv = {}): Promise<Installation> {
  weatherData ??= simulateWeather();
  return install({
    catalog: weatherCatalog,
    data: await weatherData,
    environment: {
      REPLOT_R_COMMAND: weatherCommand,
      REPLOT_WORKERS: "2",
      ...environment,
    },
  });
}

async function simulateWeather(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "replot-weather-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  await execute("Rscript", [join(weather, "simulate.R"), directory, "S.1", "S.2", "S.3"]);
  return directory;
}
