/** R's process groups on this machine, named so that another process with a reused id is never hit. */
import { readFileSync } from "node:fs";

/** What the agent wrote when it started R: process id (also its group's), and when it started if /proc tells. */
export interface GroupRecord {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly birth: string | undefined;
}

/** Reads the line of a `pid` file: `4711 123456`, or `4711 -` where there is no /proc. */
export function parseGroupRecord(line: string | undefined): GroupRecord | undefined {
  const match = /^(\d+) (\d+|-)$/.exec(line ?? "");
  const pid = Number(match?.[1]);
  if (!match || pid <= 1) return undefined;
  return { pid, birth: match[2] === "-" ? undefined : match[2] };
}

/** When a process started: field 22 of /proc/PID/stat, counted after the command's name, which may hold anything. */
export function parseBirth(stat: string): string | undefined {
  return stat
    .slice(stat.lastIndexOf(")") + 1)
    .trim()
    .split(" ")[19];
}

/** Kills every process of a group. Nothing happens where there is none. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // no such group any more
  }
}

/**
 * Kills the group that a record names, if its leader still is the process that was recorded. A group whose leader has
 * ended is killed too: as long as it has members, its id cannot be given to another.
 */
export function killRecorded({ pid, birth }: GroupRecord): void {
  const now = birthOf(pid);
  if (now === undefined || birth === undefined || now === birth) killGroup(pid);
}

function birthOf(pid: number): string | undefined {
  try {
    return parseBirth(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}
