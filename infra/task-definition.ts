/**
 * The task of two containers, as a function of plain values: what ECS is given, the tests run as containers, and a
 * snapshot shows. `docs/infrastructure.md` says why each part is as it is.
 */

import {
  containers,
  dataDirectory,
  logStreamPrefix,
  mounts,
  rEntryPoint,
  runnerEntryPoint,
  stopTimeouts,
  workDirectory,
} from "../runner/deployment/task-containers.ts";
import type { Capacity } from "../runner/domain.ts";
import { environmentOf } from "../runner/settings/sources.ts";
import { settingsTable } from "../runner/settings/table.ts";
import type { Cloud } from "../runner/settings.ts";

export interface TaskDefinitionValues {
  readonly family: string;
  readonly region: string;
  /** ARNs. */
  readonly taskRole: string;
  readonly executionRole: string;
  readonly logGroup: string;
  /** Pinned by digest: `…@sha256:…`. */
  readonly runnerImage: string;
  readonly rImage: string;
  /** The task's size in Fargate's units: 1024 are a core; MiB. */
  readonly cpu: number;
  readonly memory: number;
  /** GiB. */
  readonly ephemeralStorage: number;
  readonly cloud: Cloud;
  /** What a task runs that was told nothing. */
  readonly preset: string;
  /** In the runner's image. */
  readonly catalog: string;
  readonly workers: number;
  readonly attempts: number;
  readonly cityTimeoutSeconds: number;
  readonly maxRunSeconds: number;
  readonly capacity: Capacity;
  readonly successEmails: boolean;
  readonly rCommand: readonly string[];
  readonly rEvents: boolean;
  /** Where R's image looks for `simulations/`. */
  readonly rDirectory: string;
  readonly rReadOnlyRoot: boolean;
  /** `uid:gid`; undefined for the image's own. */
  readonly rUser: string | undefined;
  /** ARNs of parameters, by the variable that R's container gets them in. */
  readonly rSecrets: Readonly<Record<string, string>>;
}

/** Where the runner's image has the checkout: `catalog/` lies below. */
export const imageRoot = "/opt/replot";

/**
 * MiB that the runner may use, and no more. A run of 56,000 plots has been measured at 300; what is left over is for
 * uploads under way and for the cache of files, which the kernel counts here too.
 */
export const runnerMemory = 1024;
/** MiB that the runner is sure to have. */
const runnerReservation = 512;

/** R gets what the runner doesn't: a hard limit, since R would otherwise starve the runner. MiB. */
export function rMemory(taskMemory: number): number {
  return taskMemory - runnerMemory;
}

/** Shares, not limits: what one container leaves, the other may use. */
function cpuShares(taskCpu: number): { readonly runner: number; readonly r: number } {
  const runner = Math.max(128, taskCpu / 8);
  return { runner, r: taskCpu - runner };
}

const volumes = { work: "work", simulations: "simulations" } as const;

/** The fields of the task definition, named as Pulumi's provider names them. */
export function taskDefinition(values: TaskDefinitionValues) {
  const both: [RunnerContainer, RContainer] = [runnerContainer(values), rContainer(values)];
  return {
    family: values.family,
    cpu: String(values.cpu),
    memory: String(values.memory),
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
    ephemeralStorage: { sizeInGib: values.ephemeralStorage },
    taskRoleArn: values.taskRole,
    executionRoleArn: values.executionRole,
    volumes: Object.values(volumes).map((name) => ({ name })),
    containerDefinitions: both,
  };
}

type RunnerContainer = ReturnType<typeof runnerContainer>;
type RContainer = ReturnType<typeof rContainer>;

function runnerContainer(values: TaskDefinitionValues) {
  return {
    name: containers.runner,
    image: values.runnerImage,
    essential: true,
    entryPoint: runnerEntryPoint(values.maxRunSeconds),
    command: ["regenerate", values.preset],
    environment: runnerEnvironment(values),
    cpu: cpuShares(values.cpu).runner,
    memory: runnerMemory,
    memoryReservation: runnerReservation,
    // as its image says; said here too, since the volumes' owner hangs on it
    user: "10002:10002",
    readonlyRootFilesystem: true,
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },
    mountPoints: [
      { sourceVolume: volumes.work, containerPath: mounts.work, readOnly: false },
      { sourceVolume: volumes.simulations, containerPath: mounts.simulations, readOnly: false },
    ],
    stopTimeout: stopTimeouts.runner,
    logConfiguration: logs(values),
  };
}

function rContainer(values: TaskDefinitionValues) {
  return {
    name: containers.r,
    image: values.rImage,
    // the runner says what became of R; a task that ended with R could not
    essential: false,
    // the runner's image declares the volumes, so that they are writable for both
    dependsOn: [{ containerName: containers.runner, condition: "START" }],
    entryPoint: rEntryPoint(workDirectory),
    secrets: Object.entries(values.rSecrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    cpu: cpuShares(values.cpu).r,
    memory: rMemory(values.memory),
    ...(values.rUser === undefined ? {} : { user: values.rUser }),
    readonlyRootFilesystem: values.rReadOnlyRoot,
    // no init process: it would keep the variables that lead to credentials, for R to read in /proc/1/environ
    linuxParameters: { initProcessEnabled: false },
    mountPoints: [
      { sourceVolume: volumes.work, containerPath: mounts.work, readOnly: false },
      { sourceVolume: volumes.simulations, containerPath: `${values.rDirectory}/simulations`, readOnly: true },
    ],
    stopTimeout: stopTimeouts.r,
    logConfiguration: logs(values),
  };
}

function runnerEnvironment(values: TaskDefinitionValues) {
  const { cloud, catalog, workers, attempts, cityTimeoutSeconds, maxRunSeconds, capacity, successEmails } = values;
  const { rImage, rCommand, rEvents, rDirectory } = values;
  const variables: Record<string, string> = {
    AWS_REGION: values.region,
    // the root file system is read-only
    TMPDIR: mounts.work,
    ...environmentOf(settingsTable, {
      ...cloud,
      work: workDirectory,
      data: dataDirectory,
      catalog,
      workers,
      attempts,
      cityTimeoutSeconds,
      maxRunSeconds,
      capacity,
      successEmails,
      rImage,
      rCommand,
      rEvents,
      rDirectory,
    }),
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/**
 * Non-blocking: with the driver's other mode an outage of CloudWatch would stop the writer, and a run with it. What
 * a run did is in the ledger and in the plots bucket; lines beyond the buffer are lost during an outage.
 */
function logs({ logGroup, region }: TaskDefinitionValues) {
  return {
    logDriver: "awslogs",
    options: {
      "awslogs-group": logGroup,
      "awslogs-region": region,
      "awslogs-stream-prefix": logStreamPrefix,
      mode: "non-blocking",
      "max-buffer-size": "25m",
    },
  };
}
