/** What draws: a program on this machine, a container image, or the task's other container, behind the same agent. */
import { delimiter, join } from "node:path";
import type { RunId } from "../domain.ts";
import { UnavailableError, UsageError } from "../errors.ts";
import { root } from "../root.ts";
import type { Settings, TaskSettings } from "../settings.ts";
import type { Inputs, Stores } from "../stores/ports.ts";
import { externalAgent } from "./agent/agent.ts";
import { agentAsChild } from "./agent/child-agent.ts";
import {
  agentInContainer,
  type ContainerOptions,
  describeImage,
  findContainerEngine,
  type ImageDescription,
} from "./agent/container-agent.ts";
import type { ContainerEngine } from "./agent/container-engine.ts";
import { killLeftovers, sweepWorkDirectories } from "./agent/leftovers.ts";
import { inputsInContainer } from "./agent/mounted-links.ts";
import { openRenderPool, type RenderPool, type RenderPoolOptions } from "./pool.ts";
import { describeProgram } from "./program/identity.ts";
import type { Program } from "./program/program.ts";
import { profileVariables } from "./program/project-profile.ts";

export interface Engine {
  /** Identity of what draws; rows carry it as `image`. */
  readonly identity: string;
  /** What a person should know of it before a run. */
  readonly remarks: readonly string[];
  /** The inputs as R will see them. */
  inputs(inputs: Inputs): Inputs;
  /** Ends and removes what a killed run left where R works. Call it only under the lock. */
  sweep(): Promise<unknown>;
  open(run: RunId, onTrouble: (text: string) => void): Promise<RenderPool>;
}

/**
 * @param data where R finds `simulations/` on this machine
 * @throws UnavailableError where there is no container engine, or no such image
 */
export async function openEngine(settings: Settings, data: string = settings.data): Promise<Engine> {
  const { rImage, task, program } = settings;
  if (task !== undefined) return sidecar(settings, task);
  if (rImage !== undefined) return openImage(settings, data, rImage);
  if (program === undefined) throw new Error("neither an image nor a program is set");
  return openProgram(settings, data, program);
}

/** The same stores, and what else comes with them, with the inputs as R will see them. */
export function asSeenBy<Session extends { readonly stores: Stores }>(
  engine: Pick<Engine, "inputs">,
  session: Session,
): Session {
  return { ...session, stores: { ...session.stores, inputs: engine.inputs(session.stores.inputs) } };
}

/** Where a run works on this machine. */
export function workDirectoryOf({ home }: Settings, run: RunId): string {
  return join(workDirectories(home), run);
}

function workDirectories(home: string): string {
  return join(home, "work");
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

/** The same for a program: R reads the profile of the program's project too. */
export async function programEnvironment(program: Program): Promise<NodeJS.ProcessEnv> {
  return { ...rEnvironment(), ...(await profileVariables(program, process.env)) };
}

export async function containerEngine(): Promise<ContainerEngine> {
  const engine = await findContainerEngine();
  if (engine === undefined) {
    throw new UnavailableError(
      "--r-image needs Docker or Podman, and neither answers here; install one, or use --r-command",
    );
  }
  return engine;
}

/** R in the task's other container, whose entry point waits for the agent. */
function sidecar(settings: Settings, { work }: TaskSettings): Engine {
  const { rImage } = settings;
  if (rImage === undefined || !rImage.includes("@sha256:")) {
    throw new UsageError("REPLOT_WORK goes with REPLOT_R_IMAGE, the image of R's container with its digest");
  }
  return {
    identity: rImage,
    remarks: [],
    inputs: (inputs) => inputs,
    sweep: () => killLeftovers(work),
    open: (_, onTrouble) =>
      openRenderPool({
        ...poolOptions(settings),
        directory: work,
        agent: externalAgent,
        cwd: settings.rDirectory,
        handOver: uploadsAtOnce,
        onTrouble,
      }),
  };
}

async function openProgram(settings: Settings, data: string, program: Program): Promise<Engine> {
  const [{ written, file } = { written: "", file: undefined }] = program.words;
  if (file === undefined) {
    throw new UnavailableError(
      `there is no program ${written}; ${written === "Rscript" ? "install R 4.2 or later (Debian: apt-get install r-base-core), or use --r-image" : "name another with --r-command"}`,
    );
  }
  const agent = agentAsChild(await programEnvironment(program));
  return localEngine(settings, await describeProgram(program), { agent, cwd: data });
}

async function openImage(settings: Settings, data: string, image: string): Promise<Engine> {
  const container = await containerOf(settings, data, image);
  const { directory: cwd, image: described } = container;
  const engine = localEngine(settings, { ...described, remarks: [] }, { agent: agentInContainer(container), cwd });
  return { ...engine, inputs: (inputs) => inputsInContainer(inputs, data) };
}

interface Container extends ContainerOptions {
  readonly image: ImageDescription;
  /** R's working directory in it. */
  readonly directory: string;
}

/** The container that R runs in on this machine. */
export async function containerOf({ rDirectory }: Settings, data: string, name: string): Promise<Container> {
  const engine = await containerEngine();
  const image = await describeImage(engine, name);
  const directory = rDirectory ?? image.workingDirectory;
  return {
    engine,
    image,
    directory,
    simulations: join(data, "simulations"),
    simulationsMount: join(directory, "simulations"),
  };
}

/** An engine whose work directories lie in the state directory. */
function localEngine(
  settings: Settings,
  { identity, remarks }: Pick<Engine, "identity" | "remarks">,
  options: Pick<RenderPoolOptions, "agent" | "cwd">,
): Engine {
  return {
    identity,
    remarks,
    inputs: (inputs) => inputs,
    sweep: () => sweepWorkDirectories(workDirectories(settings.home)),
    open: (run, onTrouble) =>
      openRenderPool({
        ...poolOptions(settings),
        ...options,
        directory: workDirectoryOf(settings, run),
        onTrouble,
      }),
  };
}

/**
 * Plots of a city on their way to S3 at once: a PUT takes some 50 ms, and R draws a plot of the sample model in 4 ms. With
 * the usual number, meant for a disk, uploading would hold up drawing.
 */
const uploadsAtOnce = 16;

/** The pool options that every engine takes from the settings. */
function poolOptions({ workers, rCommand, rEvents }: Settings) {
  return { workers, command: rCommand, events: rEvents };
}
