/** Runs a program as a run would, on a small job, and keeps what it wrote. */
import { hash } from "node:crypto";
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../catalog/catalog.ts";
import type { PlotId } from "../domain.ts";
import { jobFile } from "../plan/job.ts";
import { type JudgedPlot, plotJudge } from "../publish/plot-judge.ts";
import { openEngine } from "../render/engine.ts";
import type { AttemptResult, RenderPool } from "../render/pool.ts";
import { runId } from "../run-id.ts";
import type { Settings } from "../settings.ts";

/** One plot that the program wrote. */
export interface DrawnPlot {
  readonly plot: PlotId;
  readonly judged: JudgedPlot;
  /** Digest of the figure; undefined where it can't be published. */
  readonly sha256: string | undefined;
  readonly hasPage: boolean;
}

export interface Trial {
  readonly result: AttemptResult;
  readonly plots: readonly DrawnPlot[];
}

/** What is known of a program after its trials. */
export interface Observations {
  readonly asked: readonly PlotId[];
  /** The settings say that it takes `--events`. */
  readonly events: boolean;
  readonly first: Trial;
  /** Undefined where the first trial brought no plot. */
  readonly others:
    | {
        readonly dryRun: Trial;
        readonly withPages: Trial;
        readonly second: Trial;
      }
    | undefined;
  /** Files that appeared, changed or vanished in the working directory; undefined where it is a container's. */
  readonly touched: readonly string[] | undefined;
  /** What a person should know of the place that the program works in, and what went wrong there. */
  readonly remarks: readonly string[];
}

export interface TrialRequest {
  /** What draws: a program of this machine, or an image. */
  readonly settings: Settings;
  readonly catalog: Catalog;
  /** Plots of one city. */
  readonly plots: readonly PlotId[];
  /** Aborted: the program is killed. */
  readonly signal: AbortSignal;
}

/** @throws UnavailableError where the program or the image is not there, or can't be started */
export async function tryProgram({ settings, catalog, plots, signal }: TrialRequest): Promise<Observations> {
  // a state directory of its own: a check leaves nothing behind, and needs no lock
  const home = await mkdtemp(join(tmpdir(), "replot-check-"));
  const remarks = new Set<string>();
  try {
    const engine = await openEngine({ ...settings, home, workers: 1 });
    const before = settings.program === undefined ? undefined : await filesIn(settings.data);
    const pool = await engine.open(runId(Date.now(), "check"), (text) => remarks.add(text));
    try {
      for (const remark of pool.remarks) remarks.add(remark);
      const run = trialRunner(pool, { settings, catalog, plots, signal });
      const first = await run();
      const others = first.plots.length === 0 ? undefined : await otherTrials(run);
      const touched = before === undefined ? undefined : differences(before, await filesIn(settings.data));
      return { asked: plots, events: settings.rEvents, first, others, touched, remarks: [...remarks] };
    } finally {
      await pool.close();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

type RunTrial = (asking?: { readonly html?: boolean; readonly dryRun?: boolean }) => Promise<Trial>;

async function otherTrials(run: RunTrial): Promise<NonNullable<Observations["others"]>> {
  const dryRun = await run({ dryRun: true });
  const withPages = await run({ html: true });
  // what drew the same plots with pages beside them need not draw them a third time
  const second = withPages.result.missing.length === 0 ? withPages : await run();
  return { dryRun, withPages, second };
}

function trialRunner(pool: RenderPool, { settings, catalog, plots, signal }: TrialRequest): RunTrial {
  const judge = plotJudge(catalog);
  const [{ city } = { city: undefined }] = plots;
  if (city === undefined) throw new Error("a trial needs a plot");
  let attempt = 0;
  return async ({ html = false, dryRun = false } = {}) => {
    const drawn: DrawnPlot[] = [];
    attempt += 1;
    const result = await pool.attempt({
      city,
      attempt,
      job: jobFile(catalog, plots),
      plots,
      html,
      dryRun,
      cityTimeoutSeconds: settings.cityTimeoutSeconds,
      signal,
      async onPlot(finished) {
        const judged = judge(finished);
        drawn.push({
          plot: finished.plot,
          judged,
          sha256: judged.valid ? hash("sha256", judged.figure) : undefined,
          hasPage: finished.html !== undefined,
        });
      },
    });
    return { result, plots: drawn };
  };
}

/** Files below a directory with their size and time; hidden directories are left out, links are not followed. */
async function filesIn(directory: string, below = ""): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const entries = await readdir(join(directory, below), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) {
      if (entry.name.startsWith(".")) continue;
      for (const [name, state] of await filesIn(directory, path)) found.set(name, state);
    } else {
      const stats = await lstat(join(directory, path)).catch(() => undefined);
      if (stats !== undefined) found.set(path, `${stats.size} ${stats.mtimeMs}`);
    }
  }
  return found;
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}
