/** Processes of this machine, as /proc tells. */
import { readdirSync, readFileSync } from "node:fs";

/** Ids of the processes whose command line matches. @param parent only children of this one */
export function processesLike(command: RegExp, parent?: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [, father] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return command.test(line) && (parent === undefined || Number(father) === parent);
      } catch {
        return false; // it has ended since
      }
    })
    .map(Number);
}
