/**
 * The task definition that the program declares, as arguments of Podman: what the service would do with it on Fargate.
 * Whatever has no translation here is an error, so that nothing deployed goes untested without a word.
 */
import { z } from "zod";
import type { DeclaredStack } from "./declared.ts";

const Container = z.strictObject({
  name: z.string(),
  image: z.string().includes("@sha256:"),
  essential: z.boolean(),
  dependsOn: z.array(z.strictObject({ containerName: z.string(), condition: z.literal("START") })).default([]),
  entryPoint: z.array(z.string()).min(1),
  command: z.array(z.string()).default([]),
  environment: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  // there is no Parameter Store behind a container of this machine
  secrets: z.array(z.unknown()).max(0).default([]),
  cpu: z.int(),
  /** MiB */
  memory: z.int(),
  memoryReservation: z.int().optional(),
  user: z.string().optional(),
  readonlyRootFilesystem: z.boolean(),
  linuxParameters: z.strictObject({
    initProcessEnabled: z.boolean(),
    capabilities: z.strictObject({ drop: z.array(z.string()) }).default({ drop: [] }),
  }),
  mountPoints: z.array(z.strictObject({ sourceVolume: z.string(), containerPath: z.string(), readOnly: z.boolean() })),
  stopTimeout: z.int(),
  // what is written is read from Podman instead
  logConfiguration: z.strictObject({ logDriver: z.literal("awslogs"), options: z.record(z.string(), z.string()) }),
});
export type Container = z.infer<typeof Container>;

const TaskDefinition = z.strictObject({
  family: z.string(),
  cpu: z.string(),
  memory: z.string(),
  // one network for both containers: here the machine's own
  networkMode: z.literal("awsvpc"),
  requiresCompatibilities: z.tuple([z.literal("FARGATE")]),
  runtimePlatform: z.strictObject({
    operatingSystemFamily: z.literal("LINUX"),
    cpuArchitecture: z.literal("X86_64"),
  }),
  ephemeralStorage: z.strictObject({ sizeInGib: z.int() }),
  taskRoleArn: z.string(),
  executionRoleArn: z.string(),
  volumes: z.array(z.strictObject({ name: z.string() })),
  containerDefinitions: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(Container)),
  // about the resource, not about the task
  tags: z.record(z.string(), z.string()),
  skipDestroy: z.boolean().optional(),
});
export type TaskDefinition = z.infer<typeof TaskDefinition>;

/** The task definition of a stack, as it was declared. */
export function taskDefinitionOf(stack: DeclaredStack): TaskDefinition {
  return TaskDefinition.parse(stack.one("aws:ecs/taskDefinition:TaskDefinition", "run").inputs);
}

/** Containers in the order in which the service starts them. */
export function startOrder({ containerDefinitions }: TaskDefinition): Container[] {
  const ordered: Container[] = [];
  const waiting = [...containerDefinitions];
  while (waiting.length > 0) {
    const place = waiting.findIndex(({ dependsOn }) =>
      dependsOn.every(({ containerName }) => ordered.some(({ name }) => name === containerName)),
    );
    if (place < 0) throw new Error(`containers wait for each other: ${waiting.map(({ name }) => name).join(", ")}`);
    ordered.push(...waiting.splice(place, 1));
  }
  return ordered;
}

export interface Placing {
  /** Of the container, on this machine. */
  readonly name: string;
  /** Volumes of this machine, by their names in the task definition. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Beside the container's own: what the service adds, and what a run overrides. */
  readonly environment: Readonly<Record<string, string>>;
  /** In place of the container's own. */
  readonly command: readonly string[] | undefined;
}

/** The arguments with which Podman creates a container of the task. */
export function createArguments(container: Container, { name, volumes, environment, command }: Placing): string[] {
  const variables = {
    ...Object.fromEntries(container.environment.map(({ name, value }) => [name, value])),
    ...environment,
  };
  const volume = (source: string): string => {
    const found = volumes.get(source);
    if (found === undefined) throw new Error(`${container.name} mounts ${source}, which is no volume of the task`);
    return found;
  };
  return [
    "create",
    `--name=${name}`,
    "--pull=never",
    "--network=host",
    "--http-proxy=false",
    `--cpu-shares=${container.cpu}`,
    `--memory=${container.memory}m`,
    // Fargate has no swap
    `--memory-swap=${container.memory}m`,
    ...(container.memoryReservation === undefined ? [] : [`--memory-reservation=${container.memoryReservation}m`]),
    ...(container.user === undefined ? [] : [`--user=${container.user}`]),
    // Podman would put writable file systems over /tmp and /run; Fargate doesn't
    ...(container.readonlyRootFilesystem ? ["--read-only", "--read-only-tmpfs=false"] : []),
    ...(container.linuxParameters.initProcessEnabled ? ["--init"] : []),
    ...container.linuxParameters.capabilities.drop.map((capability) => `--cap-drop=${capability}`),
    ...Object.entries(variables).map(([variable, value]) => `--env=${variable}=${value}`),
    ...container.mountPoints.map(
      ({ sourceVolume, containerPath, readOnly }) =>
        `--volume=${volume(sourceVolume)}:${containerPath}:${readOnly ? "ro" : "rw"}`,
    ),
    `--stop-timeout=${container.stopTimeout}`,
    `--entrypoint=${JSON.stringify(container.entryPoint)}`,
    container.image,
    ...(command ?? container.command),
  ];
}
