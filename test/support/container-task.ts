/**
 * A task as containers of this machine, as Fargate would run it: volumes, start order, the variables and the endpoints
 * that every container gets, stopping.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { z } from "zod";
import type { TaskOverrides } from "../../runner/deployment/task-containers.ts";
import { type Container, createArguments, startOrder, type TaskDefinition } from "./task-definition.ts";
import { fargateMetadata, serveTask } from "./task-endpoint.ts";

const execute = promisify(execFile);

/** Where it runs, Podman leaves an empty file `oom` when a container's memory was not enough. */
const settings = { cwd: tmpdir(), maxBuffer: 64 * 1024 * 1024 };

/** Runs Podman; what it says on failure is the error. */
export async function podman(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute("podman", args, settings);
  return stdout.trim();
}

const Image = z.tuple([
  z.object({
    Digest: z.string(),
    Size: z.number(),
    Config: z.object({
      User: z.string().default(""),
      Env: z.array(z.string()).default([]),
      Volumes: z.record(z.string(), z.unknown()).default({}),
    }),
  }),
]);

/** @throws where there is no such image */
export async function inspectImage(image: string) {
  const [{ Digest, Size, Config }] = Image.parse(JSON.parse(await podman("image", "inspect", image)));
  return {
    /** As a task definition names it. */
    pinned: `${image.replace(/:[^/:]*$/, "")}@${Digest}`,
    bytes: Size,
    user: Config.User,
    environment: Config.Env,
    volumes: Object.keys(Config.Volumes),
  };
}

export interface ContainerTaskOptions {
  readonly definition: TaskDefinition;
  /** As RunTask takes them. */
  readonly overrides: TaskOverrides;
}

/** How a container ended. */
export interface ContainerEnd {
  readonly code: number;
  readonly seconds: number;
  /** Both streams. */
  readonly output: string;
}

export interface ContainerTask {
  readonly arn: string;
  /** Values that lead to credentials or to the task's metadata: none of R's business. */
  readonly secrets: readonly string[];
  /** Of the essential container; the service stops the others then. */
  readonly ended: Promise<ContainerEnd>;
  /** What a container has written so far. */
  output(container: string): Promise<string>;
  /**
   * As the service stops a task, each container with its own timeout: in reverse order of starting, or all at once.
   * Returns how each ended; its seconds are those that stopping took.
   */
  stop(order: "reverse" | "at once"): Promise<ReadonlyMap<string, ContainerEnd>>;
  remove(): Promise<void>;
}

export async function startContainers({ definition, overrides }: ContainerTaskOptions): Promise<ContainerTask> {
  const id = randomBytes(8).toString("hex");
  const arn = `arn:aws:ecs:us-east-1:123456789012:task/replot/${id}`;
  const secretKey = `secret-key-${id}`;
  const credentials = {
    RoleArn: definition.taskRoleArn,
    AccessKeyId: `ASIA${id.toUpperCase()}`,
    SecretAccessKey: secretKey,
    Token: `session-token-${id}`,
    Expiration: new Date(Date.now() + 6 * 3600_000).toISOString().replace(/\.\d+/, ""),
  };
  const endpoint = await serveTask({
    [`/v4/${id}/task`]: fargateMetadata(arn),
    [`/v2/credentials/${id}`]: credentials,
  });
  const added = {
    // Fargate's variable is _RELATIVE_URI, and means an address that this machine doesn't have
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint.url}/v2/credentials/${id}`,
    ECS_CONTAINER_METADATA_URI: `${endpoint.url}/v3/${id}`,
    ECS_CONTAINER_METADATA_URI_V4: `${endpoint.url}/v4/${id}`,
    ECS_AGENT_URI: `${endpoint.url}/api/${id}`,
    AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
  };
  const containers = startOrder(definition);
  const nameOf = (container: string): string => `replot-${id}-${container}`;
  const volumes = new Map(definition.volumes.map(({ name }) => [name, `replot-${id}-${name}`]));
  const remove = async (): Promise<void> => {
    for (const container of containers) await podman("rm", "--force", "--ignore", "--time=0", nameOf(container.name));
    for (const volume of volumes.values()) await podman("volume", "rm", "--force", volume).catch(() => undefined);
    endpoint.close();
  };

  const start = async (container: Container): Promise<void> => {
    const override = overrides.containerOverrides.find(({ name }) => name === container.name);
    const own = Object.fromEntries((override?.environment ?? []).map(({ name, value }) => [name, value]));
    const placing = {
      name: nameOf(container.name),
      volumes,
      environment: {
        ...added,
        ...(container.essential ? {} : { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `/v2/credentials/${id}` }),
        ...own,
      },
      command: override?.command === undefined || override.command.length === 0 ? undefined : override.command,
    };
    await podman(...createArguments(container, placing));
    await podman("start", placing.name);
  };
  try {
    for (const volume of volumes) await makeVolume(definition, volume);
    for (const container of containers) await start(container);
  } catch (error) {
    await remove();
    throw error;
  }

  const output = async (container: string): Promise<string> => {
    const { stdout, stderr } = await execute("podman", ["logs", nameOf(container)], settings);
    return `${stdout}${stderr}`;
  };
  const endOf = async (container: string): Promise<ContainerEnd> => {
    const code = Number(await podman("wait", nameOf(container)));
    const [{ State }] = Ended.parse(JSON.parse(await podman("container", "inspect", nameOf(container))));
    const seconds = (Date.parse(State.FinishedAt) - Date.parse(State.StartedAt)) / 1000;
    return { code, seconds, output: await output(container) };
  };
  const stopOne = async ({ name, stopTimeout }: Container) => {
    await podman("stop", `--time=${stopTimeout}`, nameOf(name));
    return endOf(name);
  };
  const [essential, another] = containers.filter((container) => container.essential);
  if (essential === undefined || another !== undefined) throw new Error("this stands for tasks of one essential part");

  const ended = endOf(essential.name).then(async (end) => {
    for (const container of containers) if (container !== essential) await stopOne(container).catch(() => undefined);
    return end;
  });
  // a test that ends before does not wait for it
  ended.catch(() => undefined);
  return {
    arn,
    secrets: [id, secretKey, credentials.Token, endpoint.url],
    ended,
    output,
    async stop(order) {
      const ends = new Map<string, ContainerEnd>();
      const timed = async (container: Container): Promise<void> => {
        const begun = performance.now();
        const end = await stopOne(container);
        ends.set(container.name, { ...end, seconds: (performance.now() - begun) / 1000 });
      };
      if (order === "at once") await Promise.all(containers.map(timed));
      else for (const container of [...containers].reverse()) await timed(container);
      return ends;
    },
    remove,
  };
}

const Ended = z.tuple([z.object({ State: z.object({ StartedAt: z.string(), FinishedAt: z.string() }) })]);

/**
 * A volume as the service makes it: it has content, owner and mode of the directory in the image, where the image
 * declares a VOLUME at exactly the path that the volume is mounted at; otherwise it is empty and root's, 0755.
 */
async function makeVolume(definition: TaskDefinition, [volume, name]: readonly [string, string]): Promise<void> {
  await podman("volume", "create", name);
  const mounts = startOrder(definition).flatMap(({ image, mountPoints }) =>
    mountPoints
      .filter(({ sourceVolume }) => sourceVolume === volume)
      .map(({ containerPath }) => ({ image, containerPath })),
  );
  for (const { image, containerPath } of mounts) {
    const declared = (await inspectImage(image)).volumes.includes(containerPath);
    // mounted once where no image has anything: from then on Podman changes nothing of its own accord
    const script = declared
      ? 'cp -a "$1/." /fresh/ && chown --reference="$1" /fresh && chmod --reference="$1" /fresh'
      : "chown 0:0 /fresh && chmod 0755 /fresh";
    const prepare = ["--entrypoint=sh", image, "-c", script, "sh", containerPath];
    const apart = ["--rm", "--pull=never", "--network=none", "--user=0", "--image-volume=ignore"];
    await podman("run", ...apart, `--volume=${name}:/fresh`, ...prepare);
    if (declared) return;
  }
}
