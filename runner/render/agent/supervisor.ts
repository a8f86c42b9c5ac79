/** Keeps an agent alive over the work directory, notices within seconds when it is not, and starts it again. */
import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UnavailableError } from "../../errors.ts";
import { ownRecord } from "../../processes.ts";
import { type AgentEnd, type AgentProcess, type AgentStarter, describeAgentEnd } from "./agent.ts";
import {
  type AgentSettings,
  beatRunner,
  createWorkDirectory,
  exists,
  isGone,
  prepareForAgent,
  readLine,
  workFiles,
} from "./work-directory.ts";

/** How the agent was lost. */
export interface Loss {
  readonly kind: "agent-died" | "work-directory-gone";
  readonly detail: string;
}

export interface Timing {
  /** A started agent must show its first heartbeat within this. Default 60 s. */
  readonly startSeconds: number;
  /** An agent whose heartbeat stands still for this long is dead. Default 5 s. */
  readonly staleSeconds: number;
  /** Starts in a row that may come to nothing before no more are made. Default 4. */
  readonly fruitlessStarts: number;
  /** Between two looks of the agent at its workers and their deadlines, and of R's guard at the agent. Default 1 s. */
  readonly tickSeconds: number;
  /** Between two looks at the agent. The runner's heartbeat moves on at every fourth. Default 250 ms. */
  readonly lookMilliseconds: number;
  /** Between two looks at an attempt: whether R has ended, and which plots it told of. Default 100 ms. */
  readonly pollMilliseconds: number;
  /** Between two looks at the output of an image that does not tell of its plots. Default 500 ms. */
  readonly scanMilliseconds: number;
}

export const usualTiming: Timing = {
  startSeconds: 60,
  staleSeconds: 5,
  fruitlessStarts: 4,
  tickSeconds: 1,
  lookMilliseconds: 250,
  pollMilliseconds: 100,
  scanMilliseconds: 500,
};

export interface SupervisorOptions {
  readonly workDirectory: string;
  /** What the agent reads, except for what follows from `starter` and `timing`. */
  readonly settings: Omit<AgentSettings, "tickSeconds" | "runner">;
  readonly starter: AgentStarter;
  readonly timing: Timing;
  /** The agent is gone, and nothing that it started works any more. Another start follows. */
  onLost(loss: Loss): void;
  /** A new agent is at work; the directory may be a new one. */
  onRestart(): Promise<void>;
  /** No further start will be made. */
  onGivenUp(loss: Loss): void;
}

export interface Supervisor {
  /** An attempt came to an end of its own: the agent does work. */
  noteProgress(): void;
  /** Ends the agent and what it started. */
  close(): Promise<void>;
}

/** @throws UnavailableError where the first start fails */
export async function superviseAgent(options: SupervisorOptions): Promise<Supervisor> {
  const { workDirectory, settings, starter, timing } = options;
  const { lookMilliseconds, tickSeconds } = timing;
  const files = workFiles(workDirectory);
  const agentSettings = { ...settings, tickSeconds, runner: starter.seesRunner ? ownRecord() : undefined };
  const closing = new AbortController();
  let fruitless = 0;
  let beats = 0;

  /** Starts an agent and waits until it has proven that it works here. */
  async function start(): Promise<AgentProcess> {
    await createWorkDirectory(workDirectory, agentSettings, starter.directoryMode);
    await prepareForAgent(workDirectory);
    const agent = await starter.start(workDirectory);
    try {
      await firstSign(agent);
      return agent;
    } catch (error) {
      await agent.kill();
      throw error;
    }
  }

  async function firstSign(agent: AgentProcess): Promise<void> {
    const end = endOf(agent);
    for (let left = timing.startSeconds * 1000; left > 0; left -= 50) {
      await sleep(50);
      if (closing.signal.aborted) throw new UnavailableError("closed before R's side showed a sign of life");
      const trouble = await readLine(files.trouble);
      if (trouble !== undefined) throw new UnavailableError(`R's side ${trouble}`);
      const ended = end();
      if (ended) throw new UnavailableError(describeAgentEnd(ended));
      if ((await readLine(files.agent)) === undefined) continue;
      await renameWhatTheAgentWrote();
      return;
    }
    throw new UnavailableError(
      `no sign of life from R's side within ${timing.startSeconds} s; is its container up, and may it write in the work directory?`,
    );
  }

  /** The other half of the proof that the agent began. */
  async function renameWhatTheAgentWrote(): Promise<void> {
    try {
      await rename(files.handshakeOfAgent, files.handshakeDone);
    } catch (error) {
      throw new UnavailableError(
        `cannot rename R's files in ${workDirectory} (${messageOf(error)}); the directory needs mode 0777, without the sticky bit`,
      );
    }
  }

  /** Returns once the agent is lost, or undefined once the supervisor is closing. */
  async function untilLost(agent: AgentProcess): Promise<Loss | undefined> {
    const end = endOf(agent);
    let last = "";
    let stillMilliseconds = 0;
    for (let looks = 0; ; looks += 1) {
      await Promise.race([agent.ended, sleep(lookMilliseconds, undefined, { signal: closing.signal }).catch(() => {})]);
      if (closing.signal.aborted) return undefined;
      if (!(await exists(files.ready)))
        return { kind: "work-directory-gone", detail: "the work directory was deleted" };
      const ended = end();
      if (ended) return { kind: "agent-died", detail: describeAgentEnd(ended) };
      const heartbeat = (await readLine(files.agent)) ?? last;
      if (heartbeat.startsWith("ended")) return { kind: "agent-died", detail: `the agent ${heartbeat}` };
      // counted in looks, not by the clock: a machine that slept must not be taken for an agent that died
      stillMilliseconds = heartbeat === last ? stillMilliseconds + lookMilliseconds : 0;
      last = heartbeat;
      if (stillMilliseconds > timing.staleSeconds * 1000) {
        return { kind: "agent-died", detail: `no heartbeat of the agent for ${timing.staleSeconds} s` };
      }
      if (looks % 4 === 0) {
        beats += 1;
        await beatRunner(workDirectory, beats).catch(ignoreGone);
      }
    }
  }

  let agent: AgentProcess | undefined = await start().catch((error: unknown) => {
    throw new UnavailableError(`cannot start R's side of the work directory: ${messageOf(error)}`);
  });

  async function keepAlive(): Promise<void> {
    while (!closing.signal.aborted) {
      const loss = agent ? await untilLost(agent) : undefined;
      if (closing.signal.aborted) return;
      await agent?.kill();
      if (loss) options.onLost(loss);
      const failure = await startAgain(loss);
      if (failure) {
        options.onGivenUp(failure);
        return;
      }
    }
  }

  /** @returns why no more starts are made */
  async function startAgain(loss: Loss | undefined): Promise<Loss | undefined> {
    let last = loss;
    while (!closing.signal.aborted) {
      fruitless += 1;
      if (fruitless > timing.fruitlessStarts) {
        return { kind: "agent-died", detail: last?.detail ?? "the agent could not be started" };
      }
      await sleep((fruitless - 1) * 500, undefined, { signal: closing.signal }).catch(() => {});
      try {
        agent = undefined;
        agent = await start();
        await options.onRestart();
        return undefined;
      } catch (error) {
        last = { kind: "agent-died", detail: messageOf(error) };
      }
    }
    return undefined;
  }

  const kept = keepAlive().catch((error: unknown) =>
    options.onGivenUp({ kind: "agent-died", detail: messageOf(error) }),
  );
  return {
    noteProgress() {
      fruitless = 0;
    },
    async close() {
      closing.abort();
      await kept;
      await agent?.kill();
    },
  };
}

/** Whether the agent has ended, without waiting for it. */
function endOf(agent: AgentProcess): () => AgentEnd | undefined {
  let end: AgentEnd | undefined;
  void agent.ended.then((value) => {
    end = value;
  });
  return () => end;
}

function ignoreGone(error: unknown): void {
  if (!isGone(error)) throw error;
}
