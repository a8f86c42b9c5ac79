/** Stores the log of R for a city: all attempts in one object. */
import type { CityCode, RunId } from "../domain.ts";
import { messageOf } from "../errors.ts";
import { count } from "../format/format.ts";
import { runKeys } from "../layout.ts";
import { readOutputEnd, UnfitOutput } from "../render/read-output.ts";
import type { ObjectStore } from "../stores/ports.ts";

/** Maximum bytes stored of an attempt's log. The end is stored, because it shows why R stopped. */
const keptBytes = 2_000_000;

/**
 * Never throws: a log that cannot be stored does not make plots fail.
 * @param files log files of the attempts, in order
 * @returns key of the log, absent if no attempt left one; `remarks` tells why a log could not be stored
 */
export async function keepLog(
  objects: ObjectStore,
  run: RunId,
  city: CityCode,
  files: readonly string[],
): Promise<{ readonly log?: string; readonly remarks?: readonly string[] }> {
  try {
    const body = joined(files);
    if (body.length === 0) return {};
    const key = runKeys.log(run, city);
    await objects.put({ key, body, contentType: "text/plain; charset=utf-8" });
    return { log: key };
  } catch (error) {
    return { remarks: [`its log could not be kept: ${messageOf(error)}`] };
  }
}

function joined(files: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const [place, file] of files.entries()) {
    if (files.length > 1) parts.push(Buffer.from(`==== attempt ${place + 1} ====\n`));
    parts.push(...endOfLog(file));
  }
  return Buffer.concat(parts);
}

function endOfLog(file: string): Buffer[] {
  try {
    const { bytes, before } = readOutputEnd(file, keptBytes);
    if (before === 0) return [bytes];
    return [Buffer.from(`(the first ${count(before)} bytes of this log were cut off)\n`), bytes];
  } catch (error) {
    return [
      Buffer.from(
        `(no log was left${error instanceof UnfitOutput ? `: what lies in its place ${error.message}` : ""})\n`,
      ),
    ];
  }
}
