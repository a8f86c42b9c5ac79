/** Whether the kernel killed a process for memory: the only evidence that a SIGKILL was one. */
import { readFile } from "node:fs/promises";

/**
 * Kills for memory since boot, in this machine's containers too; undefined where the kernel doesn't tell (not Linux, or
 * R's container runs on a virtual machine).
 */
export async function memoryKills(): Promise<number | undefined> {
  try {
    return parseMemoryKills(await readFile("/proc/vmstat", "utf8"));
  } catch {
    return undefined;
  }
}

export function parseMemoryKills(vmstat: string): number | undefined {
  const match = /^oom_kill (\d+)$/m.exec(vmstat);
  return match ? Number(match[1]) : undefined;
}

/** Whether there was a kill between two counts; undefined if either is. */
export function roseBetween(before: number | undefined, after: number | undefined): boolean | undefined {
  return before === undefined || after === undefined ? undefined : after > before;
}
