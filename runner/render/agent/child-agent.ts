/** The agent as a child process: R of this machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { killRecorded, readStat } from "../../processes.ts";
import { cleanLine, cleanLines } from "../../text/clean.ts";
import type { AgentEnd, AgentProcess, AgentStarter } from "./agent.ts";
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
      const ended = endOf(child);
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

/** Collects the end of what the process says on its error output. */
export function endOf(child: ChildProcess): Promise<AgentEnd> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, message: cleanLine(error.message) }));
    // not `close`: what the agent started may hold its error output open for a while
    child.once("exit", (code, signal) =>
      // the last words may still be on their way
      setImmediate(() => resolve({ code, signal, message: lastWords(said) })),
    );
  });
}

function lastWords(said: string): string {
  return (cleanLines(said).at(-1) ?? "").trim().replace(/^replot agent: /, "");
}
