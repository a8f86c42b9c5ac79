/** What draws: a program on this machine, or a container image, behind the same agent. */
import { delimiter, join } from "node:path";
import { CannotWork } from "../errors.ts";
import type { AgentStarter } from "../render/agent.ts";
import { agentAsChild } from "../render/child.ts";
import { agentInContainer, type ContainerEngine, describeImage, findContainerEngine } from "../render/container.ts";
import { programFile, programIdentity } from "../render/identity.ts";
import { openRenderPool, type RenderPool } from "../render/pool.ts";
import { root, type Settings } from "../settings.ts";

export interface Engine {
  /** Identity of what draws; rows carry it as `image`. */
  readonly identity: string;
  open(workDirectory: string, onTrouble: (text: string) => void): Promise<RenderPool>;
}

/** @throws CannotWork where there is no container engine, or no such image */
export async function openEngine(settings: Settings): Promise<Engine> {
  const { rImage } = settings;
  return rImage === undefined ? openProgram(settings) : openImage(settings, rImage);
}

/** What a program that draws has no use for. */
const secrets = /^(AWS|ECS)_|TOKEN|SECRET|PASSWORD|CREDENTIAL/i;

/**
 * The environment of R on this machine: the sample model's library is found beside what is installed, and variables
 * that hold secrets are left out.
 */
export function rEnvironment(): NodeJS.ProcessEnv {
  const library = join(root, ".r-library");
  const others = process.env["R_LIBS"];
  const harmless = Object.entries(process.env).filter(([name]) => !secrets.test(name));
  return { ...Object.fromEntries(harmless), R_LIBS: others ? `${library}${delimiter}${others}` : library };
}

export async function containerEngine(): Promise<ContainerEngine> {
  const engine = await findContainerEngine();
  if (engine === undefined) {
    throw new CannotWork("--r-image needs Docker or Podman, and neither answers here; install one, or use --r-command");
  }
  return engine;
}

async function openProgram(settings: Settings): Promise<Engine> {
  const [program = ""] = settings.rCommand;
  if ((await programFile(program)) === undefined) {
    throw new CannotWork(
      `there is no program ${program}; ${program === "Rscript" ? "install R 4.2 or later (Debian: apt-get install r-base-core), or use --r-image" : "name another with --r-command"}`,
    );
  }
  const agent = agentAsChild(rEnvironment());
  return { identity: await programIdentity(settings.rCommand), open: poolOpener(settings, agent, settings.data) };
}

async function openImage(settings: Settings, image: string): Promise<Engine> {
  const engine = await containerEngine();
  const described = await describeImage(engine, image);
  const directory = settings.rDirectory ?? described.workingDirectory;
  const agent = agentInContainer({
    engine,
    image: described,
    simulations: join(settings.data, "simulations"),
    simulationsMount: join(directory, "simulations"),
  });
  return { identity: described.identity, open: poolOpener(settings, agent, directory) };
}

/** @param directory R's working directory, as R sees it: `simulations/` is found there */
function poolOpener(settings: Settings, agent: AgentStarter, directory: string): Engine["open"] {
  return (workDirectory, onTrouble) =>
    openRenderPool({
      directory: workDirectory,
      agent,
      workers: settings.workers,
      command: settings.rCommand,
      cwd: directory,
      events: settings.rEvents,
      onTrouble,
    });
}
