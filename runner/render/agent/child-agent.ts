/** The agent as a child process: R of this machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { killRecorded, readStat } from "../../processes.ts";
import type { AgentEnd, AgentProcess, AgentStarter } from "./agent.ts";
import { agentEnd } from "./agent-end.ts";
import { killRecordedGroups } from "./leftovers.ts";
import { workFiles } from "./work-directory.ts";

/**
 * @param env the agent's environment, and R's less what the settings drop
 * @param orderlyMilliseconds how long an agent told to end may take to kill its R processes and write their statuses
 */
export function agentAsChild(env: NodeJS.ProcessEnv = process.env, orderlyMilliseconds = 3000): AgentStarter {
  return {
    directoryMode: 0o700,
    seesRunner: true,
    async start(workDirectory) {
      // a process group of its own: Ctrl-C in the terminal reaches the runner alone, which decides what becomes of R
      const child = spawn("sh", [workFiles(workDirectory).agentScript, workDirectory], {
        detached: true,
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const ended = agentEnd(child);
      await once(child, "spawn");
      return supervised(child, ended, { workDirectory, orderlyMilliseconds });
    },
  };
}

interface Supervision {
  readonly workDirectory: string;
  readonly orderlyMilliseconds: number;
}

function supervised(child: ChildProcess, ended: Promise<AgentEnd>, options: Supervision): AgentProcess {
  const { workDirectory, orderlyMilliseconds } = options;
  const { pid } = child;
  if (pid === undefined) throw new Error("a spawned process without a process id");
  const record = { pid, start: readStat(pid)?.start };
  // where the runner ends without closing the pool, R must not go on alone
  const onExit = () => child.kill("SIGTERM");
  process.once("exit", onExit);
  void ended.then(() => process.off("exit", onExit));
  return {
    ended,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        const late = new AbortController();
        await Promise.race([ended, sleep(orderlyMilliseconds, undefined, { signal: late.signal }).catch(() => {})]);
        late.abort();
      }
      // first the workers, which could start another R; then what R processes the agent did not get to
      killRecorded(record);
      await ended;
      await killRecordedGroups(workDirectory);
    },
  };
}
