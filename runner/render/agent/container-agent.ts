/** The agent in a container: an R image through Docker or Podman. */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { posix, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { messageOf, UnavailableError } from "../../errors.ts";
import type { AgentProcess, AgentStarter } from "./agent.ts";
import { agentEnd } from "./agent-end.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { workFiles, writeWhole } from "./work-directory.ts";

const run = promisify(execFile);

/** Where the work directory is mounted. */
const workMount = "/work";

export interface ContainerOptions {
  readonly engine: ContainerEngine;
  /** By name, it is looked up once: what draws stays the same, whatever becomes of a tag. */
  readonly image: string | ImageDescription;
  /** Directory with the inputs; mounted read-only. */
  readonly simulations: string;
  /** Where the image looks for them. Default `simulations` in the image's working directory. */
  readonly simulationsMount?: string | undefined;
  /** `user[:group]` that R runs as. Default: the image's. */
  readonly user?: string | undefined;
  /** Hard limit, as the engine writes it: `4g`. Default: none. */
  readonly memory?: string | undefined;
  /** The image's own file system can't be written. Default false. */
  readonly readOnlyRoot?: boolean;
}

/** What an engine knows of an image. */
export interface ImageDescription {
  /** `sha256:…` of its configuration. */
  readonly id: string;
  /** `name@sha256:…` or, of an image that never was in a registry, the same with its id. */
  readonly identity: string;
  readonly workingDirectory: string;
}

/** The first engine of this machine that answers; undefined if none does. */
export async function findContainerEngine(): Promise<ContainerEngine | undefined> {
  for (const engine of ["docker", "podman"] as const) {
    try {
      await run(engine, ["info"], { timeout: 20_000 });
      return engine;
    } catch {
      // not installed, or its daemon is not running
    }
  }
  return undefined;
}

/**
 * Describes an image, which is pulled where it is absent.
 * @throws UnavailableError where it can't be had
 */
export async function describeImage(engine: ContainerEngine, image: string): Promise<ImageDescription> {
  try {
    const present = await inspect(engine, image).catch(() => undefined);
    if (present !== undefined) return parseImage(image, present);
    await run(engine, ["pull", "--quiet", image]);
    return parseImage(image, await inspect(engine, image));
  } catch (error) {
    throw new UnavailableError(`${engine} has no image ${image} and cannot pull it: ${lastLine(messageOf(error))}`);
  }
}

async function inspect(engine: ContainerEngine, image: string): Promise<string> {
  return (await run(engine, ["image", "inspect", image])).stdout;
}

const Inspected = z.tuple([
  z.object({
    Id: z.string(),
    RepoDigests: z.array(z.string()).nullish(),
    Config: z.object({ WorkingDir: z.string().nullish() }).nullish(),
  }),
]);

/** Reads what `image inspect` says; Docker and Podman agree on this much. */
export function parseImage(image: string, inspected: string): ImageDescription {
  const [{ Id, RepoDigests, Config }] = Inspected.parse(JSON.parse(inspected));
  const id = Id.startsWith("sha256:") ? Id : `sha256:${Id}`;
  // `registry:5000/name:tag@digest`: a tag follows the last colon, unless that one belongs to a port
  const name = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const digest = RepoDigests?.find((entry) => entry.startsWith(`${name}@`) || entry.includes(`/${name}@`));
  return {
    id,
    identity: `${name}@${digest?.slice(digest.indexOf("@") + 1) ?? id}`,
    workingDirectory: Config?.WorkingDir || "/",
  };
}

/** Runs the agent in a container of an image: no network, inputs read-only, removed when it ends. */
export function agentInContainer(options: ContainerOptions): AgentStarter {
  const { engine } = options;
  let described: ImageDescription | undefined;

  async function describe(): Promise<ImageDescription> {
    described ??= typeof options.image === "string" ? await describeImage(engine, options.image) : options.image;
    return described;
  }

  return {
    // R's user in the container is another than the runner's
    directoryMode: 0o755,
    seesRunner: false,
    async start(workDirectory) {
      const image = await describe();
      const name = `replot-${process.pid}-${randomBytes(4).toString("hex")}`;
      // written first: should this process die, the next run finds the container
      await writeWhole(workFiles(workDirectory).container, `${engine} ${name}\n`);
      const child = spawn(engine, runArguments(name, image, workDirectory, options), {
        // Ctrl-C in the terminal reaches the runner alone; the engine would pass it on to R
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const ended = agentEnd(child);
      await once(child, "spawn");
      return containerProcess(engine, name, ended);
    },
  };
}

/** Where the inputs are mounted in a container. */
function simulationsMount(image: ImageDescription, { simulationsMount }: ContainerOptions): string {
  return simulationsMount ?? posix.join(image.workingDirectory, "simulations");
}

/**
 * The engine's argument that mounts a directory of this machine. Engines read it as a line of CSV, so that a field with a
 * comma or a quote is quoted.
 */
export function bindMount(source: string, target: string, access: "read-only" | "read-write"): string {
  const fields = ["type=bind", `source=${resolve(source)}`, `target=${target}`];
  if (access === "read-only") fields.push("readonly");
  const line = fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field));
  return `--mount=${line.join(",")}`;
}

/** What every container of ours is started with: it has no network, and is removed when it ends. */
const alone = [
  "run",
  "--rm",
  "--pull=never",
  "--network=none",
  // SELinux would keep the container from directories that carry no label of its own
  "--security-opt=label=disable",
];

/**
 * Which of these inputs an image's user can't read in a container.
 * @param paths below the directory that is mounted
 * @throws UnavailableError where the container can't be run
 */
export async function unreadableInContainer(options: ContainerOptions, paths: readonly string[]): Promise<string[]> {
  const { engine, simulations, user } = options;
  const image = typeof options.image === "string" ? await describeImage(engine, options.image) : options.image;
  const mount = simulationsMount(image, options);
  const look = 'cd "$1" && shift && for file; do [ -r "$file" ] || printf "%s\\n" "$file"; done';
  try {
    const { stdout } = await run(engine, [
      ...alone,
      bindMount(simulations, mount, "read-only"),
      ...(user === undefined ? [] : [`--user=${user}`]),
      ...["--entrypoint=sh", image.id, "-c", look, "replot", mount, ...paths],
    ]);
    return stdout.split("\n").filter((line) => line !== "");
  } catch (error) {
    throw new UnavailableError(`${engine} cannot look at the inputs in a container: ${lastLine(messageOf(error))}`);
  }
}

/** The engine's arguments that start the agent. */
export function runArguments(
  name: string,
  image: ImageDescription,
  workDirectory: string,
  options: ContainerOptions,
): string[] {
  return [
    ...alone,
    "--name",
    name,
    bindMount(workDirectory, workMount, "read-write"),
    bindMount(options.simulations, simulationsMount(image, options), "read-only"),
    ...(options.user === undefined ? [] : [`--user=${options.user}`]),
    ...(options.memory === undefined ? [] : [`--memory=${options.memory}`]),
    ...(options.readOnlyRoot ? ["--read-only"] : []),
    "--entrypoint=sh",
    image.id,
    `${workMount}/agent.sh`,
    workMount,
  ];
}

function containerProcess(engine: ContainerEngine, name: string, ended: AgentProcess["ended"]): AgentProcess {
  // where the runner ends without closing the pool, R must not go on alone; nobody is left to wait for the engine
  const onExit = () => spawn(engine, ["kill", name], { detached: true, stdio: "ignore" }).unref();
  process.once("exit", onExit);
  void ended.then(() => process.off("exit", onExit));
  return {
    ended,
    async kill() {
      // its processes end with the container; that it is gone already is no error
      await run(engine, ["kill", "--signal=KILL", name]).catch(() => {});
      await run(engine, ["rm", "--force", name]).catch(() => {});
      await ended;
    },
  };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? text;
}
