/** The agent as a child process: R of this machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanLine, cleanLines } from "../text/clean.ts";
import type { AgentEnd, AgentProcess, AgentStarter } from "./agent.ts";
import { killGroup } from "./group.ts";
import { killRecordedGroups } from "./leftovers.ts";
import { workFiles } from "./workdir.ts";

/** How long an agent told to end may take to kill its R processes and write their statuses. */
const orderlyMilliseconds = 3000;

/** @param env the agent's environment, and R's less what the settings drop */
export function agentAsChild(env: NodeJS.ProcessEnv = process.env): AgentStarter {
  return {
    directoryMode: 0o700,
    async start(workDirectory) {
      // a process group of its own: Ctrl-C in the terminal reaches the runner alone, which decides what becomes of R
      const child = spawn("sh", [workFiles(workDirectory).agentScript, workDirectory], {
        detached: true,
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const ended = endOf(child);
      await once(child, "spawn");
      return supervised(child, ended, workDirectory);
    },
  };
}

function supervised(child: ChildProcess, ended: Promise<AgentEnd>, workDirectory: string): AgentProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error("a spawned process without a process id");
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
      killGroup(pid);
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
