/**
 * Processes of this machine: what the system says about one, how a record names it even after its id has been reused,
 * and how its process group is killed.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { systemCode } from "./errors.ts";

/** What Linux says about a process in `/proc/PID/stat`; proc(5) describes the fields. */
export interface ProcessStat {
  /** Name of the program, at most 15 bytes. */
  readonly name: string;
  /** One letter: `R` running, `S` sleeping, `T` stopped, `Z` ended but not yet noticed by its parent, … */
  readonly state: string;
  readonly parent: number;
  /** CPU time used so far, in clock ticks. */
  readonly cpuTicks: number;
  /** When it started, in clock ticks since boot. */
  readonly start: string;
}

/** Reads the text of a `stat` file; undefined where it is not one. */
export function parseStat(text: string): ProcessStat | undefined {
  // the name stands in brackets and may itself hold blanks and brackets
  const end = text.lastIndexOf(")");
  const [state, parent, ...rest] = text
    .slice(end + 1)
    .trim()
    .split(" ");
  // `rest` begins with field 5
  const start = rest[22 - 5];
  if (state === undefined || start === undefined) return undefined;
  return {
    name: text.slice(text.indexOf("(") + 1, end),
    state,
    parent: Number(parent),
    cpuTicks: Number(rest[14 - 5]) + Number(rest[15 - 5]),
    start,
  };
}

/** Undefined where the process has ended, and on systems without /proc. */
export function readStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** Id and start of a process: together they name it for good, as long as the machine runs. */
export interface ProcessRecord {
  readonly pid: number;
  /** When it started, in whatever form this system tells it. Undefined where it doesn't. */
  readonly start: string | undefined;
}

/** Of this process, as the shell of the agent can compare it: the start is known only where /proc tells it. */
export function ownRecord(): ProcessRecord {
  const stat = readStat(process.pid);
  // where /proc counts the processes of another namespace, it tells of another process
  return { pid: process.pid, start: stat?.parent === process.ppid ? stat.start : undefined };
}

/** The line that {@link parseProcessRecord} reads. */
export function formatProcessRecord({ pid, start }: ProcessRecord): string {
  return `${pid} ${start ?? "-"}`;
}

/** Reads the line of a `pid` file: `4711 123456`, or `4711 -` where there is no /proc. */
export function parseProcessRecord(line: string | undefined): ProcessRecord | undefined {
  const match = /^(\d+) (\d+|-)$/.exec(line ?? "");
  const pid = Number(match?.[1]);
  if (!match || pid <= 1) return undefined;
  return { pid, start: match[2] === "-" ? undefined : match[2] };
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
export function killRecorded({ pid, start }: ProcessRecord): void {
  const now = readStat(pid)?.start;
  if (now === undefined || start === undefined || now === start) killGroup(pid);
}

/** A process and the machine it runs on. */
export interface ProcessIdentity extends ProcessRecord {
  /** Host, its present boot and the namespace of its process ids. */
  readonly machine: string;
}

/** Of a process of this machine; by default this one. */
export async function identify(pid: number = process.pid): Promise<ProcessIdentity> {
  return { machine: await machine(), pid, start: await startOf(pid) };
}

/** Whether a process is certainly over. In doubt (another machine, a system that does not tell) it is not. */
export async function isDead(known: ProcessIdentity): Promise<boolean> {
  const here = await machine();
  if (isEarlierBoot(known.machine, here)) return true;
  if (known.machine !== here) return false;
  try {
    process.kill(known.pid, 0);
  } catch (thrown) {
    if (systemCode(thrown) === "ESRCH") return true;
  }
  const start = await startOf(known.pid);
  if (start === zombie) return true;
  return known.start !== undefined && start !== undefined && start !== known.start;
}

/** Whether a process ran before this machine was last started; false where the system doesn't name its boots. Pure. */
function isEarlierBoot(then: string, now: string): boolean {
  const [thenHost, thenBoot] = then.split(" ");
  const [nowHost, nowBoot] = now.split(" ");
  const named = thenBoot !== undefined && thenBoot !== "" && nowBoot !== undefined && nowBoot !== "";
  return named && thenHost === nowHost && thenBoot !== nowBoot;
}

/** Stands for the start of a process that has ended although its parent has not noticed yet. */
const zombie = "zombie";

async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    const stat = readStat(pid);
    return stat?.state === "Z" || stat?.state === "X" ? zombie : stat?.start;
  }
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "stat=,lstart=", "-p", String(pid)]);
    const [state = "", ...start] = stdout.trim().split(/\s+/);
    return state.startsWith("Z") ? zombie : start.join(" ");
  } catch {
    return undefined;
  }
}

async function machine(): Promise<string> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const processes = await readlink("/proc/self/ns/pid").catch(() => "");
  return [hostname(), boot.trim(), processes].join(" ");
}
