/**
 * A task of a stack without AWS: its two containers as processes, started with the entry points and the environment
 * that the deployed ones get, over the services of a stand-in (moto), beside a metadata endpoint.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rEntryPoint, runnerEntryPoint } from "../../runner/deployment/task-containers.ts";
import { environmentOf } from "../../runner/settings/sources.ts";
import { settingsTable } from "../../runner/settings/table.ts";
import { retryPauseVariable } from "../../runner/stores/aws/client.ts";
import { listen, type Running, root } from "./command.ts";
import { testCredentials } from "./credentials.ts";
import { killTree } from "./processes.ts";
import type { TestStack } from "./stack.ts";
import { fargateMetadata, serveTask } from "./task-endpoint.ts";
import { until } from "./until.ts";

export interface TaskOptions {
  readonly stack: TestStack;
  /** Of the services: moto's, or that of a proxy before it. */
  readonly endpoint: string;
  readonly catalog: string;
  /** Words after `replot`. */
  readonly command: readonly string[];
  /** For the runner's container, in place of or beside what it gets anyway. */
  readonly environment?: NodeJS.ProcessEnv;
  /** For R's container; how R is called is the runner's affair. */
  readonly rEnvironment?: NodeJS.ProcessEnv;
  readonly maxRunSeconds?: number;
  /** What the metadata endpoint answers. Default: an answer as Fargate gives it, with an ARN of the task's own. */
  readonly metadata?: unknown;
  /** Puts into the work directory what an earlier run left there, before anything starts. */
  readonly leftovers?: (work: string) => Promise<void>;
  /** Start R's container by oneself, later or never. Default false. */
  readonly withoutR?: boolean;
}

export interface TestTask extends Running {
  readonly arn: string;
  /** The work directory, the volume that both share; and the runner's data directory. */
  readonly work: string;
  readonly data: string;
  /** Starts R's container: another one, where there is one. */
  startR(): ChildProcess;
  /** Ends R's container at once, with everything in it. */
  killR(): void;
  /** As the service stops a task: TERM to R's container and, once that has ended, to the runner's. */
  stop(): Promise<void>;
  /** Ends what is left and removes the volumes. */
  remove(): Promise<void>;
}

let made = 0;

/** Starts a task's two containers as processes. R's ends with the task, as an inessential container does. */
export async function startTask(options: TaskOptions): Promise<TestTask> {
  const directory = await mkdtemp(join(tmpdir(), "replot-task-"));
  const volumes = { work: join(directory, "work"), data: join(directory, "data") };
  for (const volume of [volumes.work, join(volumes.data, "simulations"), join(directory, "bin")]) {
    await mkdir(volume, { recursive: true });
    await chmod(volume, 0o777);
  }
  const work = join(volumes.work, "run");
  await writeFile(
    join(directory, "bin", "replot"),
    `#!/bin/sh\nexec '${process.execPath}' '${join(root, "runner/main.ts")}' "$@"\n`,
    { mode: 0o755 },
  );
  const arn = `arn:aws:ecs:us-east-1:123456789012:task/${options.stack.cloud.stack}/${process.pid}${++made}`;
  const endpoint = await serveTask({ "/v4/container/task": options.metadata ?? fargateMetadata(arn) });
  const life = options.maxRunSeconds ?? 3600;

  const inTask = { ECS_CONTAINER_METADATA_URI_V4: `${endpoint.url}/v4/container`, ...testCredentials };
  const path = process.env["PATH"] ?? "";
  const runnerEnvironment: NodeJS.ProcessEnv = {
    PATH: `${join(directory, "bin")}:${path}`,
    TMPDIR: volumes.work,
    AWS_ENDPOINT_URL: options.endpoint,
    [retryPauseVariable]: "5",
    ...environmentOf(settingsTable, options.stack.cloud),
    [settingsTable.work.variable]: work,
    [settingsTable.catalog.variable]: options.catalog,
    [settingsTable.data.variable]: volumes.data,
    [settingsTable.workers.variable]: "2",
    [settingsTable.rImage.variable]: `registry.example/r@sha256:${"a1".repeat(32)}`,
    [settingsTable.rDirectory.variable]: volumes.data,
    [settingsTable.maxRunSeconds.variable]: String(life),
    ...inTask,
    ...options.environment,
  };
  const rVariables: NodeJS.ProcessEnv = {
    PATH: path,
    R_LIBS: process.env["R_LIBS"],
    ...inTask,
    ...options.rEnvironment,
  };

  let r: ChildProcess | undefined;
  const startR = (): ChildProcess => {
    const [shell = "", ...args] = rEntryPoint(work);
    // a group of its own: what a container has in it dies together
    r = spawn(shell, args, { cwd: volumes.data, env: rVariables, detached: true, stdio: "ignore" });
    return r;
  };
  const killR = (): void => {
    if (r?.pid !== undefined) killTree(r.pid);
    r = undefined;
  };
  await options.leftovers?.(work);
  if (options.withoutR !== true) startR();

  const [timeout = "", ...rest] = runnerEntryPoint(life);
  const runner = spawn(timeout, [...rest, ...options.command], {
    cwd: directory,
    env: runnerEnvironment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running = listen(runner);
  const ended = running.ended.then((result) => {
    killR();
    return result;
  });

  return {
    arn,
    work,
    data: volumes.data,
    ...running,
    ended,
    startR,
    killR,
    async stop() {
      const container = r;
      if (container !== undefined && container.exitCode === null) {
        container.kill("SIGTERM");
        await until("R's container to end", () => container.exitCode !== null || container.signalCode !== null);
      }
      runner.kill("SIGTERM");
    },
    async remove() {
      runner.kill("SIGKILL");
      killR();
      endpoint.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
