/** R's log in an attempt's directory: reading its end. {@link file://./log-errors.ts} finds the errors in it. */
import type { CityCode } from "../../domain.ts";
import { cleanLines, withoutRepeats } from "../../text/clean.ts";
import { attemptFiles, attemptId, exists, isGone, namesIn, workFiles } from "../agent/work-directory.ts";
import { readOutputEnd, UnfitOutput } from "../read-output.ts";

/** Enough for every line that matters; a log can be as large as the disk. */
const tailBytes = 256 * 1024;

/** The last lines of a log, cleaned; none where there is no log, or something else in its place. */
export async function readTail(file: string): Promise<string[]> {
  try {
    const { bytes, before } = readOutputEnd(file, tailBytes);
    const lines = cleanLines(bytes);
    // the first is cut off
    return before > 0 && lines.length > 1 ? lines.slice(1) : lines;
  } catch (error) {
    if (isGone(error) || error instanceof UnfitOutput) return [];
    throw error;
  }
}

/** The last lines of a log for an e-mail: repeated ones are said once. */
export function lastLines(log: readonly string[], count = 5): string[] {
  return withoutRepeats(log).slice(-count);
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
