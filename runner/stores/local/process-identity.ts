/**
 * Telling a living process from a dead one whose number another process has got since: number and start time together
 * name a process for good, as long as the machine runs.
 */
import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { systemCode } from "../../errors.ts";

export interface ProcessIdentity {
  /** Host, its present boot and the space its process numbers are counted in. */
  readonly machine: string;
  readonly pid: number;
  /** When it started, in whatever form this system tells it. Undefined where it doesn't. */
  readonly start: string | undefined;
}

/** Of a process of this machine; by default this one. */
export async function identify(pid: number = process.pid): Promise<ProcessIdentity> {
  return { machine: await machine(), pid, start: await startOf(pid) };
}

/**
 * Whether a process is certainly over. In doubt (another machine, a system that does not tell) it is not.
 */
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

/** Over, but its parent has not noticed yet: it keeps its number and does nothing any more. */
const zombie = "zombie";

async function startOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === "linux") {
      const text = await readFile(`/proc/${pid}/stat`, "utf8");
      // the second field is the program's name in brackets and may hold anything, even brackets
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      // fields 3 (state) and 22 (start, in ticks since boot) of proc(5)
      return fields[0] === "Z" || fields[0] === "X" ? zombie : fields[19];
    }
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
