/** One start of R, from its job file to its end: follows it, and hands over its plots as they are finished. */
import { mkdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import type { CityCode, PlotId } from "../../domain.ts";
import { messageOf, systemCode } from "../../errors.ts";
import { plotPath } from "../../layout.ts";
import type { Loss } from "../agent/supervisor.ts";
import {
  type AttemptFiles,
  attemptFiles,
  attemptId,
  cancelJob,
  exists,
  isGone,
  namesIn,
  readLine,
  removeFile,
  submitJob,
  withdrawJob,
} from "../agent/work-directory.ts";
import { type Discovery, followEvents, type LooksWhole, scanOutput } from "./discovery.ts";
import { type End, explainByMemory, judgeEnd, parseStatus } from "./end.ts";
import { guardOutput } from "./guard.ts";
import { readTail } from "./log.ts";
import { memoryKills, roseBetween } from "./memory.ts";
import { contractPaths, extraFiles, type FinishedPlot, filesBelow, isSharedFile } from "./output.ts";

export interface AttemptRequest {
  readonly city: CityCode;
  /** Counted from 1; with the city it names the attempt. */
  readonly attempt: number;
  /** The job file's text (YAML). */
  readonly job: string;
  /** The plots it asks for; nothing else is handed over. */
  readonly plots: readonly PlotId[];
  /** Ask for HTML pages too. */
  readonly html: boolean;
  /** Ask only what would be drawn (`--dry-run`). Default false. */
  readonly dryRun?: boolean;
  readonly cityTimeoutSeconds: number;
  /** Aborted: R is killed, or not started. */
  readonly signal?: AbortSignal | undefined;
  /** R has started. */
  onStart?(): void;
  /** A plot is finished. Its files are removed once the promise resolves. */
  onPlot(plot: FinishedPlot): Promise<void>;
}

export interface AttemptResult {
  readonly end: End;
  /** Seconds that R ran. */
  readonly seconds: number;
  readonly logFile: string;
  /** The last lines of the log, cleaned. */
  readonly log: readonly string[];
  /** Where extras lie that are not in a directory of their own (pages share such files); the others are removed. */
  readonly outputDirectory: string;
  /** Plots that were handed over. */
  readonly finished: readonly PlotId[];
  /** Plots that never came. */
  readonly missing: readonly PlotId[];
  /** Files that nobody asked for, relative to the output directory. */
  readonly extras: readonly string[];
  /** Plots that R told of by an event. */
  readonly announced: readonly PlotId[];
  /** Events that made no sense. */
  readonly garbage: number;
}

/** What attempts of one pool have in common. */
export interface AttemptContext {
  readonly workDirectory: string;
  /** The image tells of finished plots by `--events`. */
  readonly events: boolean;
  /** Plots handed over at once, at most. */
  readonly handOver: number;
  readonly looksWhole: LooksWhole;
  readonly pollMilliseconds: number;
  /** Between two looks at the output of an image that doesn't tell. */
  readonly scanMilliseconds: number;
  onTrouble(text: string): void;
}

export interface Attempt {
  readonly result: Promise<AttemptResult>;
  /** The agent died. An attempt whose R had started is over; one that waits goes on waiting. */
  lose(loss: Loss): void;
  /** It is over, since nothing works on it and nothing will. */
  abandon(end: End): void;
  /** Puts a waiting job in place again if the work directory was made anew. */
  renew(): Promise<void>;
}

/** How long the agent may take to kill R when told to, or when the deadline has passed. */
const graceSeconds = 15;

export function beginAttempt(request: AttemptRequest, context: AttemptContext): Attempt {
  const files = attemptFiles(context.workDirectory, attemptId(request.city, request.attempt));
  const due = new Map(request.plots.map((plot) => [plotPath(plot), plot]));
  const finished: PlotId[] = [];
  const announced: PlotId[] = [];
  const wake = new AbortController();
  const limit = pLimit(context.handOver);
  const handing: Promise<void>[] = [];
  const remarks = new Set<string>();
  let failure: unknown;
  let overtaken: End | undefined;
  let startedAt: number | undefined;
  let killsBefore: number | undefined;

  async function submit(): Promise<void> {
    await rm(files.directory, { recursive: true, force: true });
    await submitJob(files, { ...request, args: argumentsOf(request, context) });
  }

  function overtake(end: End): void {
    overtaken ??= end;
    wake.abort();
  }

  /** Says a thing once, however often it is noticed. */
  function remark(text: string): void {
    if (!remarks.has(text)) context.onTrouble(text);
    remarks.add(text);
  }

  const { isWithin, shedLinks } = guardOutput(files, context.workDirectory, remark);

  function handOver(plot: PlotId): void {
    if (!due.delete(plotPath(plot))) return;
    handing.push(
      limit(async () => {
        if (failure !== undefined) return;
        if (!isWithin(plot)) {
          due.set(plotPath(plot), plot);
          return;
        }
        try {
          const { plot: _, ...paths } = await finishedPlot(plot, files.output, request.html);
          await request.onPlot({ plot, ...paths });
          finished.push(plot);
          if (isWithin(plot)) for (const path of Object.values(paths)) removeFile(path);
        } catch (error) {
          // not R's doing: the attempt is ended, and the caller hears of it
          failure ??= error;
        }
      }),
    );
  }

  async function noteStart(): Promise<void> {
    if (startedAt !== undefined) return;
    startedAt = performance.now();
    killsBefore = await memoryKills();
    request.onStart?.();
  }

  /** Returns once R has ended, or the attempt was overtaken. */
  async function follow(discovery: Discovery): Promise<End | undefined> {
    const every = context.events ? 1 : Math.ceil(context.scanMilliseconds / context.pollMilliseconds);
    let giveUpAt = Number.POSITIVE_INFINITY;
    for (let looks = 1; overtaken === undefined; looks += 1) {
      const unwanted = failure !== undefined || request.signal?.aborted;
      if (unwanted && giveUpAt === Number.POSITIVE_INFINITY) {
        if (await withdrawJob(files)) return { kind: "cancelled" };
        await cancelJob(files);
        giveUpAt = performance.now() + graceSeconds * 1000;
      }
      // before the last look for plots, so that none falls between
      const over = await exists(files.done);
      if (over || (startedAt === undefined && (await exists(files.pid)))) await noteStart();
      if (over) return undefined;
      if (startedAt !== undefined && looks % every === 0) for (const plot of await look(discovery)) handOver(plot);
      if (performance.now() > giveUpAt) return { kind: "cancelled" };
      if (
        performance.now() >
        (startedAt ?? Number.POSITIVE_INFINITY) + (request.cityTimeoutSeconds * 1.2 + graceSeconds) * 1000
      ) {
        await cancelJob(files);
        return { kind: "timed-out", cityTimeoutSeconds: request.cityTimeoutSeconds };
      }
      await sleep(context.pollMilliseconds, undefined, { signal: wake.signal }).catch(() => {});
    }
    return overtaken;
  }

  /** What can't be read now (an image that closes its directories to others) is looked for again when R has ended. */
  async function look(discovery: Discovery): Promise<PlotId[]> {
    const found = await discovery.look().catch((error: unknown) => {
      remark(`cannot see what R has finished: ${messageOf(error)}`);
      return [];
    });
    if (context.events) announced.push(...found);
    return found;
  }

  async function run(): Promise<AttemptResult> {
    const discovery = context.events
      ? followEvents(files.events, files.output, request.plots)
      : scanOutput(files.output, request.plots, context.looksWhole);
    let end: End | undefined;
    let seconds = 0;
    try {
      if (request.signal?.aborted) end = { kind: "cancelled" };
      else {
        await submit();
        end = await follow(discovery);
      }
      seconds = startedAt === undefined ? 0 : (performance.now() - startedAt) / 1000;
    } catch (error) {
      await cancelJob(files).catch(() => {});
      end = endOfError(error);
    }
    shedLinks();
    const log = await readTail(files.log);
    const outOfMemory = roseBetween(killsBefore, await memoryKills());
    end ??= judgeEnd(parseStatus(await readLine(files.status)), {
      cityTimeoutSeconds: request.cityTimeoutSeconds,
      freeBytes: await freeBytes(context.workDirectory),
      outOfMemory,
      log,
    });
    if (context.events) await takeLastEvents(discovery);
    const extras = await collectTheRest(end);
    if (failure !== undefined) throw failure;
    return {
      end: explainByMemory(end, outOfMemory, due.size > 0),
      seconds,
      logFile: files.log,
      log,
      outputDirectory: files.output,
      finished,
      missing: [...due.values()],
      extras,
      announced,
      garbage: discovery.garbage,
    };
  }

  /** What R told of since the last look. */
  async function takeLastEvents(discovery: Discovery): Promise<void> {
    for (let plots = await look(discovery); plots.length > 0; plots = await look(discovery)) {
      for (const plot of plots) handOver(plot);
    }
  }

  /** R works no more: what is left at contract paths is finished, unless R was cut off while it wrote it. */
  async function collectTheRest(end: End): Promise<string[]> {
    await Promise.all(handing);
    const found = await filesBelow(files.output).catch((error: unknown) => {
      if (!isGone(error)) context.onTrouble(`cannot read what R wrote: ${messageOf(error)}`);
      return [];
    });
    const present = new Set(found);
    for (const plot of [...due.values()]) {
      const { figure } = contractPaths(plot);
      if (!isWithin(plot) || !present.has(figure)) continue;
      if (end.kind === "exited" || (await context.looksWhole(join(files.output, figure)))) handOver(plot);
    }
    await Promise.all(handing);
    shedLinks();
    await tidy(files).catch((error: unknown) => context.onTrouble(`cannot remove work files: ${messageOf(error)}`));
    return extraFiles(found, request.plots);
  }

  return {
    result: run(),
    lose(loss) {
      if (startedAt !== undefined) {
        overtake(loss.kind === "agent-died" ? loss : { kind: loss.kind });
      }
    },
    abandon: overtake,
    async renew() {
      if (startedAt !== undefined || overtaken !== undefined || (await exists(files.directory))) return;
      await submit().catch((error: unknown) => overtake(endOfError(error)));
    },
  };
}

/** R's arguments after the command, as the batch contract has them; the agent replaces `{}`. */
function argumentsOf({ html, dryRun }: AttemptRequest, { events }: AttemptContext): string[] {
  const args = ["--config", "{}/job.yaml", "--output-dir", "{}/output"];
  if (html) args.push("--include-html");
  if (dryRun) args.push("--dry-run");
  if (events) args.push("--events", "{}/events");
  return args;
}

async function finishedPlot(plot: PlotId, output: string, html: boolean): Promise<FinishedPlot> {
  const paths = contractPaths(plot);
  const metadata = join(output, paths.metadata);
  const page = join(output, paths.html);
  return {
    plot,
    figure: join(output, paths.figure),
    ...((await exists(metadata)) ? { metadata } : {}),
    ...(html && (await exists(page)) ? { html: page } : {}),
  };
}

function endOfError(error: unknown): End {
  if (systemCode(error) === "ENOSPC" || systemCode(error) === "EDQUOT") {
    return { kind: "disk-full", detail: messageOf(error) };
  }
  if (isGone(error)) return { kind: "work-directory-gone" };
  throw error;
}

async function freeBytes(directory: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Keeps the log, and files that pages share; the directory never holds more than the cities at work. */
async function tidy(files: AttemptFiles): Promise<void> {
  await mkdir(files.output, { recursive: true }).catch(() => {});
  for (const name of await namesIn(files.output)) {
    if (!isSharedFile(name)) await rm(join(files.output, name), { recursive: true, force: true });
  }
  for (const path of [files.temporary, files.events, files.done]) await rm(path, { recursive: true, force: true });
}
