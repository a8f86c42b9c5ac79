/** Finds the plots that R has finished while it still works: told by R itself, or by looking. */
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { PlotId } from "../../domain.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { exists, isGone, namesIn } from "../agent/work-directory.ts";
import { readOutput } from "../read-output.ts";
import { contractPaths, impostor } from "./output.ts";

export interface Discovery {
  /** Plots finished since the last look, each once. */
  look(): Promise<PlotId[]>;
  /** What R said that made no sense. */
  readonly garbage: number;
}

const PlotEvent = z.object({
  event: z.literal("plot"),
  scenario: z.string(),
  outcome: z.string(),
  statistic: z.string(),
  facet: z.string(),
  path: z.string(),
});

/** Follows the file of `--events`: JSON lines. Trusted only as far as a plot was asked for and its figure is there. */
export function followEvents(file: string, output: string, asked: readonly PlotId[]): Discovery {
  const due = new Map(asked.map((plot) => [contractPaths(plot).figure, plot]));
  let offset = 0;
  let rest = Buffer.alloc(0);
  let garbage = 0;

  async function take(line: string): Promise<PlotId | undefined> {
    const plot = plotOf(line, due);
    const figure = plot && contractPaths(plot).figure;
    if (figure === undefined || !(await exists(join(output, figure)))) {
      garbage += 1;
      return undefined;
    }
    due.delete(figure);
    return plot;
  }

  return {
    get garbage() {
      return garbage;
    },
    async look() {
      const added = await readFrom(file, offset);
      offset += added.length;
      const text = Buffer.concat([rest, added]);
      const end = text.lastIndexOf("\n") + 1;
      rest = text.subarray(end);
      const found: PlotId[] = [];
      for (const line of text.subarray(0, end).toString("utf8").split("\n")) {
        if (line.trim() === "") continue;
        const plot = await take(line);
        if (plot) found.push(plot);
      }
      return found;
    },
  };
}

function plotOf(line: string, due: ReadonlyMap<string, PlotId>): PlotId | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const event = PlotEvent.safeParse(json);
  if (!event.success) return undefined;
  const { path, scenario, outcome, statistic, facet } = event.data;
  const plot = due.get(path);
  const same =
    plot?.scenario === scenario && plot.outcome === outcome && plot.statistic === statistic && plot.facet === facet;
  return same ? plot : undefined;
}

/** Read at one look; what is left comes with the next. Some 500 events. */
const eventBytes = 64 * 1024;

async function readFrom(file: string, offset: number): Promise<Buffer> {
  try {
    // R could have made it a link or a pipe: neither is followed, or waited for
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(eventBytes), 0, eventBytes, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isGone(error)) return Buffer.alloc(0);
    throw error;
  }
}

/** Whether a file can be judged now, or R may still be writing it. */
export type LooksWhole = (figure: string) => Promise<boolean>;

/** Figures above this are not read before R has ended. */
const largestFigure = 64 * 1024 * 1024;

/** A figure cut off anywhere does not parse as JSON. */
export const parses: LooksWhole = async (figure) => {
  try {
    JSON.parse(decodeUtf8(readOutput(figure, largestFigure)).text);
    return true;
  } catch {
    return false;
  }
};

/**
 * Looks into the output directory of an image that doesn't tell. A plot is finished once its metadata file is there and
 * its figure, unchanged since the last look, is whole. One that never gets there is left until R has ended.
 */
export function scanOutput(output: string, asked: readonly PlotId[], looksWhole: LooksWhole = parses): Discovery {
  const due = new Map(asked.map((plot) => [contractPaths(plot).metadata, plot]));
  const directories = [...new Set([...due.keys()].map((file) => dirname(file)))];
  /** By figure: size and time at the last look, and whether that state was examined. */
  const seen = new Map<string, { state: string; examined: boolean }>();

  async function finished(figure: string): Promise<boolean> {
    const state = await stateOf(join(output, figure));
    if (state === undefined) return false;
    const before = seen.get(figure);
    if (before?.state !== state) {
      seen.set(figure, { state, examined: false });
      return false;
    }
    if (before.examined) return false;
    before.examined = true;
    return looksWhole(join(output, figure));
  }

  return {
    garbage: 0,
    async look() {
      const found: PlotId[] = [];
      for (const directory of directories) {
        if (impostor(output, directory) !== undefined) continue;
        for (const name of await namesIn(join(output, directory))) {
          const metadata = `${directory}/${name}`;
          const plot = due.get(metadata);
          if (!plot || !(await finished(contractPaths(plot).figure))) continue;
          due.delete(metadata);
          seen.delete(contractPaths(plot).figure);
          found.push(plot);
        }
      }
      return found;
    },
  };
}

async function stateOf(file: string): Promise<string | undefined> {
  try {
    const { size, mtimeMs } = await lstat(file);
    return `${size} ${mtimeMs}`;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
