/** Renders one city: starts R, and starts it again for what is missing where that can help. */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { CityCode, PlotId } from "../domain.ts";
import type { AttemptRecord } from "../records.ts";
import type { End } from "./attempt/end.ts";
import { lastLines } from "./attempt/log.ts";
import { isSharedFile } from "./attempt/output.ts";
import { describeEnd, explainMissing, type Reason } from "./attempt/reason.ts";
import type { AttemptResult, FinishedPlot, RenderPool } from "./pool.ts";

export interface CityRenderRequest {
  readonly pool: RenderPool;
  readonly city: CityCode;
  /** What is to be drawn. */
  readonly plots: readonly PlotId[];
  /** The job file that asks for these plots. */
  jobFor(plots: readonly PlotId[]): string;
  /** Starts of R, at most. Default 3. */
  readonly attempts?: number;
  readonly cityTimeoutSeconds: number;
  readonly html: boolean;
  readonly signal?: AbortSignal | undefined;
  /** R has started, for `due` plots. */
  onStart?(attempt: number, due: number): void;
  /** A plot is finished. Its files are removed once the promise resolves. */
  onPlot(plot: FinishedPlot): Promise<void>;
}

export interface CityRendering {
  /** Each start of R. `plots` counts what it handed over. */
  readonly attempts: readonly AttemptRecord[];
  /** Plots that never came. */
  readonly missing: readonly PlotId[];
  /** Why; undefined where none is missing. */
  readonly reason: Reason | undefined;
  /** The last that R said, where plots are missing. */
  readonly lastLines: readonly string[];
  /** Files that nobody asked for, relative to the output directory. */
  readonly extras: readonly string[];
  /** Holds those extras that lie in no directory of their own. */
  readonly outputDirectory: string;
  /** The logs of the attempts, in order. */
  readonly logFiles: readonly string[];
  /** The signal came before everything was drawn. */
  readonly interrupted: boolean;
}

/** Never rejects for what R does. */
export async function renderCity(request: CityRenderRequest): Promise<CityRendering> {
  const { pool, city, plots, attempts: most = 3 } = request;
  const results: AttemptResult[] = [];
  let due = plots;
  do {
    const attempt = results.length + 1;
    const asked = due.length;
    const result = await pool.attempt({
      city,
      attempt,
      job: request.jobFor(due),
      plots: due,
      html: request.html,
      cityTimeoutSeconds: request.cityTimeoutSeconds,
      signal: request.signal,
      onStart: () => request.onStart?.(attempt, asked),
      onPlot: request.onPlot,
    });
    results.push(result);
    due = result.missing;
  } while (
    due.length > 0 &&
    results.length < most &&
    pool.givenUp === undefined &&
    !request.signal?.aborted &&
    isRetryable(results.map(({ end }) => end))
  );
  await gatherSharedFiles(results);
  return describeRendering(results, plots.length, request.signal?.aborted ?? false);
}

/**
 * Whether another start of R can bring what the last one did not. Not where R gave its own answer (exit 0 or 1). A
 * deadline is granted a second time only: what hangs twice hangs always, and each time costs the whole deadline.
 */
export function isRetryable(ends: readonly End[]): boolean {
  const last = ends.at(-1);
  switch (last?.kind) {
    case undefined:
    case "cancelled":
      return false;
    case "exited":
      // 126 and 127: the program is not there, and will not be a moment later
      return last.code > 1 && last.code !== 126 && last.code !== 127;
    case "timed-out":
      return ends.filter(({ kind }) => kind === "timed-out").length < 2;
    default:
      return true;
  }
}

function describeRendering(results: readonly AttemptResult[], due: number, stopped: boolean): CityRendering {
  const last = results.at(-1);
  const missing = last?.missing ?? [];
  return {
    attempts: results.map(
      ({ seconds, end, log, finished }, place): AttemptRecord => ({
        number: place + 1,
        seconds,
        ...describeEnd(end, log),
        plots: finished.length,
      }),
    ),
    missing,
    reason:
      last && missing.length > 0 ? explainMissing(last.end, last.log, { due, missing: missing.length }) : undefined,
    lastLines: last && missing.length > 0 ? lastLines(last.log) : [],
    extras: [...new Set(results.flatMap(({ extras }) => extras))].sort(),
    outputDirectory: last?.outputDirectory ?? "",
    logFiles: results.map(({ logFile }) => logFile),
    interrupted: stopped && missing.length > 0,
  };
}

/** Files that pages share (`plotly.min.js`) are looked for in the last attempt's directory, whichever wrote them. */
async function gatherSharedFiles(results: readonly AttemptResult[]): Promise<void> {
  const last = results.at(-1);
  for (const { extras, outputDirectory } of results.slice(0, -1)) {
    for (const file of extras.filter(isSharedFile)) {
      if (!last || last.extras.includes(file)) continue;
      await rename(join(outputDirectory, file), join(last.outputDirectory, file)).catch(() => {});
    }
  }
}
