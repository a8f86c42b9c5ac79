/** R's log: lines `[YYYY-mm-dd HH:MM:SS] LEVEL: message`, and whatever else R prints. */
import type { CityCode } from "../domain.ts";
import { readOutputEnd, UnfitOutput } from "./read-output.ts";
import { attemptFiles, attemptId, exists, isGone, namesIn, workFiles } from "./workdir.ts";

/** Enough for every line that matters; a log can be as large as the disk. */
const tailBytes = 256 * 1024;

/** The end of a log; empty where there is none, or something else in its place. */
export async function readTail(file: string): Promise<string> {
  try {
    const { bytes, before } = readOutputEnd(file, tailBytes);
    const text = bytes.toString("utf8");
    return before > 0 ? text.slice(text.indexOf("\n") + 1) : text;
  } catch (error) {
    if (isGone(error) || error instanceof UnfitOutput) return "";
    throw error;
  }
}

/** The last lines that say something. */
export function lastLines(log: string, count = 5): string[] {
  return log
    .split(/\r?\n|\r/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-count);
}

/** What R logged as errors, each once, in order. */
export function errorLines(log: string): string[] {
  const errors = lastLines(log, Number.POSITIVE_INFINITY).flatMap((line) => {
    const match = /^\[[^\]]*\]\s*(?:ERROR|FATAL)\b:?\s*(.*)$/.exec(line);
    return match?.[1] ? [match[1]] : [];
  });
  return [...new Set(errors)];
}

/** R's last uncaught error, on one line: `Error in load(file) : empty (zero-byte) input file`. */
export function uncaughtError(log: string): string | undefined {
  const lines = lastLines(log, Number.POSITIVE_INFINITY);
  const start = lines.findLastIndex((line) => /^Error\b/.test(line));
  if (start < 0) return undefined;
  const rest = lines.slice(start);
  const end = rest.findIndex(
    (line, place) => place > 0 && /^(Calls:|Execution halted|In addition:|\[|Warning)/.test(line),
  );
  return rest
    .slice(0, end < 0 ? 4 : Math.min(end, 4))
    .map((line) => line.trim())
    .join(" ");
}

/** The log of a city's latest attempt in a work directory; undefined before its first. */
export async function latestLog(workDirectory: string, city: CityCode): Promise<string | undefined> {
  const attempts = (await namesIn(workFiles(workDirectory).attempts))
    .flatMap((id) => (id.startsWith(`${city}.`) ? [Number(id.slice(city.length + 1))] : []))
    .filter(Number.isInteger);
  const log =
    attempts.length === 0 ? undefined : attemptFiles(workDirectory, attemptId(city, Math.max(...attempts))).log;
  return log !== undefined && (await exists(log)) ? log : undefined;
}
