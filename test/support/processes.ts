/** Processes of this machine, as /proc tells. */
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { readStat } from "../../runner/processes.ts";

/**
 * Ids of the processes of one run: their command line or their environment names its directory. Other runs of this
 * machine have directories of their own, so no test sees their processes.
 * @param command what the command line must match
 */
export function processesIn(directory: string, command = /(?:)/): number[] {
  return allProcesses().filter((pid) => {
    const line = (read(pid, "cmdline") ?? "").replaceAll("\0", " ");
    return command.test(line) && `${line}\0${read(pid, "environ") ?? ""}`.includes(directory);
  });
}

/** Whether a process works; one that only waits to be reaped doesn't. */
export function isAlive(pid: number): boolean {
  const state = readStat(pid)?.state;
  return state !== undefined && state !== "Z";
}

/** Whether a process stands still after SIGSTOP, which it may take after a signal that was sent later. */
export function isStopped(pid: number): boolean {
  return readStat(pid)?.state === "T";
}

/** NaN where it has ended. */
export function parentOf(pid: number): number {
  return readStat(pid)?.parent ?? Number.NaN;
}

export function childrenOf(pid: number): number[] {
  return allProcesses().filter((other) => parentOf(other) === pid);
}

/** Whether a signal was sent to a process that has not taken it yet, since it is stopped. */
export function isPending(signal: keyof typeof constants.signals, pid: number): boolean {
  const [, mask = "0"] = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(read(pid, "status") ?? "") ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

/** Kills a process and everything that descends from it, whatever groups it made: what the end of a container ends. */
export function killTree(pid: number): void {
  const descendants = (top: number): number[] => [top, ...childrenOf(top).flatMap(descendants)];
  for (const member of descendants(pid)) {
    try {
      process.kill(member, "SIGKILL");
    } catch {
      // it has ended since
    }
  }
}

function allProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined; // it has ended since
  }
}
