/** Renders: hands jobs to R's side of the work directory and plots back, whatever happens over there. */
import { messageOf } from "../errors.ts";
import type { AgentStarter } from "./agent/agent.ts";
import { killLeftovers, removeWorkDirectory } from "./agent/leftovers.ts";
import { localeRemarks } from "./agent/locale.ts";
import { type Loss, superviseAgent, type Timing, usualTiming } from "./agent/supervisor.ts";
import { readLine, workFiles } from "./agent/work-directory.ts";
import {
  type Attempt,
  type AttemptContext,
  type AttemptRequest,
  type AttemptResult,
  beginAttempt,
} from "./attempt/attempt.ts";
import { type LooksWhole, parses } from "./attempt/discovery.ts";
import type { End } from "./attempt/end.ts";

export type { AttemptRequest, AttemptResult } from "./attempt/attempt.ts";
export type { FinishedPlot } from "./attempt/output.ts";

export interface RenderPoolOptions {
  /** The work directory. What a crashed run left in it is ended and removed; nobody else may be using it. */
  readonly directory: string;
  /** Starts the agent: `agentAsChild`, `agentInContainer` or `externalAgent`. */
  readonly agent: AgentStarter;
  /** R processes at once. */
  readonly workers: number;
  /** How R is called, word by word; the arguments of the batch contract follow. */
  readonly command: readonly string[];
  /** R's working directory as R's side sees it, where `simulations/` is found; the agent's own by default. */
  readonly cwd?: string | undefined;
  /** Further environment variables for R. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Environment variables that R must not see. Default `credentialVariables`. */
  readonly drop?: readonly string[] | undefined;
  /** The image tells of finished plots by `--events FILE`. Default false: its output directory is watched. */
  readonly events?: boolean;
  /** Plots of an attempt handed over at once, at most. Default 4. */
  readonly handOver?: number;
  /** Whether a figure is whole, where R doesn't tell. Default: it parses as JSON. */
  readonly looksWhole?: LooksWhole;
  /** Seconds without a sign of life from the runner after which the agent ends. Default 60. */
  readonly patienceSeconds?: number;
  readonly timing?: Partial<Timing>;
  /** What a person should hear of; no attempt fails by it alone. */
  onTrouble?(text: string): void;
}

export interface RenderPool {
  /**
   * One start of R. Resolves when R has ended, however it ended, and every finished plot was handed over. Rejects only
   * with what `onPlot` threw.
   */
  attempt(request: AttemptRequest): Promise<AttemptResult>;
  /** What a person should know of the place that R works in. */
  readonly remarks: readonly string[];
  /** Why nothing can be rendered any more, once R's side was started in vain several times. */
  readonly givenUp: string | undefined;
  /** Ends R's side, with what still works there, and removes the work directory. */
  close(): Promise<void>;
}

/** @throws UnavailableError where R's side cannot be started, or cannot write in the work directory */
export async function openRenderPool(options: RenderPoolOptions): Promise<RenderPool> {
  const { directory, onTrouble = () => {} } = options;
  if (await killLeftovers(directory)) onTrouble("removed the work directory of an earlier run");
  const timing = { ...usualTiming, ...options.timing };
  const context: AttemptContext = {
    workDirectory: directory,
    events: options.events ?? false,
    handOver: options.handOver ?? 4,
    looksWhole: options.looksWhole ?? parses,
    pollMilliseconds: timing.pollMilliseconds,
    scanMilliseconds: timing.scanMilliseconds,
    onTrouble,
  };
  const attempts = new Set<Attempt>();
  let givenUp: Loss | undefined;
  /** Why no attempt can be made any more. */
  let over: End | undefined;
  const supervisor = await superviseAgent({
    workDirectory: directory,
    settings: {
      workers: options.workers,
      command: options.command,
      patienceSeconds: options.patienceSeconds ?? 60,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.environment === undefined ? {} : { environment: options.environment }),
      ...(options.drop === undefined ? {} : { drop: options.drop }),
    },
    starter: options.agent,
    timing,
    onLost(loss) {
      onTrouble(`R's side was lost and is started again: ${loss.detail}`);
      for (const attempt of attempts) attempt.lose(loss);
    },
    async onRestart() {
      for (const attempt of attempts) await attempt.renew();
    },
    onGivenUp(loss) {
      onTrouble(`R's side was started in vain several times: ${loss.detail}`);
      givenUp = loss;
      abandonAll({ kind: "agent-died", detail: loss.detail });
    },
  });

  const remarks = localeRemarks(await readLine(workFiles(directory).locale));

  function abandonAll(end: End): void {
    over ??= end;
    for (const attempt of attempts) attempt.abandon(end);
  }

  return {
    async attempt(request) {
      const attempt = beginAttempt(request, context);
      attempts.add(attempt);
      if (over) attempt.abandon(over);
      try {
        const result = await attempt.result;
        if (result.end.kind === "exited" || result.end.kind === "killed") supervisor.noteProgress();
        return result;
      } finally {
        attempts.delete(attempt);
      }
    },
    remarks,
    get givenUp() {
      return givenUp?.detail;
    },
    async close() {
      await supervisor.close();
      abandonAll({ kind: "cancelled" });
      await Promise.allSettled([...attempts].map((attempt) => attempt.result));
      await removeWorkDirectory(directory).catch((error: unknown) =>
        onTrouble(`cannot remove the work directory: ${messageOf(error)}`),
      );
    },
  };
}
