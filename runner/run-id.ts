/** Ids of runs, which sort by time. */
import { RunId } from "./domain.ts";

/** `2026-11-22T090000Z-full` @param time milliseconds since 1970 */
export function runId(time: number, preset: string): RunId {
  const stamp = new Date(time).toISOString().slice(0, 19).replaceAll(":", "");
  return RunId.parse(`${stamp}Z-${preset}`);
}
