/** Processes of this machine, as /proc tells. */
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";

/**
 * Ids of the processes whose command line matches. Other tests run at the same time, so one of these is needed:
 * @param of.directory the test's own, which the command line names
 * @param of.parent the id of the process that started them
 */
export function processesLike(
  command: RegExp,
  of: { readonly directory: string } | { readonly parent: number | undefined },
): number[] {
  return allProcesses().filter((pid) => {
    const line = (read(pid, "cmdline") ?? "").replaceAll("\0", " ");
    return command.test(line) && ("directory" in of ? line.includes(of.directory) : parentOf(pid) === of.parent);
  });
}

/** Whether a process works; one that only waits to be reaped doesn't. */
export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== "Z";
}

/** Whether a process stands still after SIGSTOP, which it may take after a signal that was sent later. */
export function isStopped(pid: number): boolean {
  return statOf(pid)?.[0] === "T";
}

/** NaN where it has ended. */
export function parentOf(pid: number): number {
  return Number(statOf(pid)?.[1]);
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

/** The fields of proc(5) after the program's name, which may hold anything: state, parent, … */
function statOf(pid: number): string[] | undefined {
  const stat = read(pid, "stat");
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined; // it has ended since
  }
}
