/** `agent.sh` by itself, over a work directory laid out by hand. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type AgentSettings,
  attemptFiles,
  beatRunner,
  createWorkDirectory,
  prepareForAgent,
  readLine,
  submitJob,
  workFiles,
} from "../../../runner/render/agent/work-directory.ts";
import { until } from "../../support/until.ts";
import { clearStages, imageCommand, pidsIn, temporaryDirectory } from "./stage.ts";

const agents: ChildProcess[] = [];
const beating: NodeJS.Timeout[] = [];

interface Spawned {
  readonly agent: ChildProcess;
  /** To standard error so far. */
  said(): string;
}

export interface Agent extends Spawned {
  readonly work: string;
  readonly directory: string;
  pids(): number[];
  submit(id: string, cityTimeoutSeconds?: number): Promise<void>;
  status(id: string): Promise<string>;
}

interface Start extends Partial<AgentSettings> {
  readonly env?: NodeJS.ProcessEnv;
  /** Words before the agent's own, that change its user or its namespaces for example. */
  readonly program?: readonly string[];
  /** Whether somebody keeps the runner's heartbeat going. Default true. */
  readonly heartbeat?: boolean;
}

export async function startAgent(body: string, start: Start = {}): Promise<Agent> {
  const directory = await temporaryDirectory();
  const { env, program = [], heartbeat = true, ...settings } = start;
  const work = await layOut(directory, {
    command: await imageCommand(directory, body),
    ...settings,
    environment: { STAGE: directory, ...settings.environment },
  });
  const spawned = spawnAgent(work, { env, program });
  let beats = 0;
  if (heartbeat) beating.push(setInterval(() => void beatRunner(work, ++beats).catch(() => {}), 300));
  return {
    ...spawned,
    work,
    directory,
    pids: () => pidsIn(directory),
    submit: (id, cityTimeoutSeconds = 60) =>
      submitJob(attemptFiles(work, id), {
        job: "jobs: []\n",
        args: ["--config", "{}/job.yaml", "--output-dir", "{}/output"],
        cityTimeoutSeconds,
      }),
    async status(id) {
      await until(`${id} is done`, () => existsSync(attemptFiles(work, id).done));
      return (await readLine(attemptFiles(work, id).status)) ?? "";
    },
  };
}

/** Prepares a work directory for an agent, also one of another user. */
export async function layOut(
  directory: string,
  settings: Pick<AgentSettings, "command"> & Partial<AgentSettings>,
): Promise<string> {
  await chmod(directory, 0o755);
  const work = join(directory, "work");
  await createWorkDirectory(work, { workers: 1, patienceSeconds: 60, tickSeconds: 0.1, ...settings }, 0o755);
  await prepareForAgent(work);
  return work;
}

/** Starts the agent of a prepared work directory. @param program words before its own, that change the user for example */
export function spawnAgent(
  work: string,
  { env, program = [] }: { readonly env?: NodeJS.ProcessEnv | undefined; readonly program?: readonly string[] } = {},
): Spawned {
  const [command = "", ...args] = [...program, "sh", workFiles(work).agentScript, work];
  const agent = spawn(command, args, { env: env ?? process.env, detached: true, stdio: ["ignore", "ignore", "pipe"] });
  agents.push(agent);
  let said = "";
  agent.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { agent, said: () => said };
}

/** A directory with nothing but these programs in it, `sh` being another one's. */
export async function onlyPrograms(shell: string, names: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const bin = join(await temporaryDirectory(), "bin");
  await mkdir(bin);
  symlinkSync(which(shell), join(bin, "sh"));
  for (const name of names) symlinkSync(which(name), join(bin, name));
  return { ...process.env, PATH: bin };
}

function which(program: string): string {
  return execFileSync("sh", ["-c", 'command -v "$0"', program], { encoding: "utf8" }).trim();
}

export function has(program: string): boolean {
  try {
    return which(program) !== "";
  } catch {
    return false;
  }
}

/** Ends what the tests of a file started; for `afterEach`. */
export async function clearAgents(): Promise<void> {
  for (const timer of beating.splice(0)) clearInterval(timer);
  for (const { pid } of agents.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // ended by itself
    }
  }
  await clearStages();
}
