/** Keeps what R wrote while it drew a city: all attempts in one log. */
import { readFile } from "node:fs/promises";
import type { CityCode, RunId } from "../domain.ts";
import { messageOf } from "../errors.ts";
import { runKeys } from "../layout.ts";
import type { ObjectStore } from "../stores/ports.ts";

/**
 * Never throws: a log that cannot be kept costs no plot.
 * @param files the attempts' log files, in order
 * @returns the log's key, absent where no attempt left a log; `remarks` says why a log could not be kept
 */
export async function keepLog(
  objects: ObjectStore,
  run: RunId,
  city: CityCode,
  files: readonly string[],
): Promise<{ readonly log?: string; readonly remarks?: readonly string[] }> {
  try {
    const body = await joined(files);
    if (body.length === 0) return {};
    const key = runKeys.log(run, city);
    await objects.put({ key, body, contentType: "text/plain; charset=utf-8" });
    return { log: key };
  } catch (error) {
    return { remarks: [`its log could not be kept: ${messageOf(error)}`] };
  }
}

async function joined(files: readonly string[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const [place, file] of files.entries()) {
    const text = await readFile(file).catch(() => Buffer.from("(no log was left)\n"));
    if (files.length > 1) parts.push(Buffer.from(`==== attempt ${place + 1} ====\n`));
    parts.push(text);
  }
  return Buffer.concat(parts);
}
