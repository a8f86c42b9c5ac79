/** Where the agent (`agent.sh`) runs: as a child process, in a container, or started by somebody else. */

import { setTimeout as sleep } from "node:timers/promises";
import { readLine, workFiles, writeWhole } from "./work-directory.ts";

/** How an agent ended, and what it said last. */
export interface AgentEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly message: string;
}

/** A started agent. */
export interface AgentProcess {
  /** Resolves once the agent is no more, whatever ended it. Never rejects. */
  readonly ended: Promise<AgentEnd>;
  /** Ends the agent and every R it started. Resolves once nothing of them is left. */
  kill(): Promise<void>;
}

/** Starts agents over a work directory. */
export interface AgentStarter {
  /** Mode of the work directory itself, so that R's user gets in or others stay out; undefined leaves it as it is. */
  readonly directoryMode: number | undefined;
  /** The agent sees the runner's process, and ends with it. Otherwise it has only the runner's heartbeat. */
  readonly seesRunner: boolean;
  /** @throws UnavailableError where it cannot be started at all */
  start(workDirectory: string): Promise<AgentProcess>;
}

/**
 * Starts nothing: the agent runs in a container of its own that waits for `agent.sh` to appear (a task in AWS), and
 * whoever started that one starts it again. It is told to end by the stop file.
 */
export const externalAgent: AgentStarter = {
  directoryMode: undefined,
  seesRunner: false,
  start: (workDirectory) =>
    Promise.resolve({
      ended: new Promise<AgentEnd>(() => {}),
      async kill() {
        await writeWhole(workFiles(workDirectory).stop, "now\n").catch(() => {});
        for (let looks = 0; looks < 50; looks += 1) {
          const heartbeat = await readLine(workFiles(workDirectory).agent);
          if (heartbeat === undefined || heartbeat.startsWith("ended")) return;
          await sleep(100);
        }
      },
    }),
};

/** In words: `agent ended with exit code 1: the work directory is gone`. */
export function describeAgentEnd({ code, signal, message }: AgentEnd): string {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  return message === "" ? `the agent ended ${how}` : `the agent ended ${how}: ${message}`;
}
