/** A stack in the stand-in, and tasks of it as containers: the task definition that the program declares. */
import { runnerEntryPoint, type TaskOverrides, taskOverrides } from "../../runner/deployment/task-containers.ts";
import { type ContainerTask, inspectImage, startContainers } from "../support/container-task.ts";
import { deploy } from "../support/deploy.ts";
import type { Moto } from "../support/moto.ts";
import { openStack, type TestStack } from "../support/stack.ts";
import { type TaskDefinition, taskDefinitionOf } from "../support/task-definition.ts";

export interface StageOptions {
  readonly runner: string;
  readonly r: string;
  /** What is uploaded to the data bucket. */
  readonly data: string;
  /** Settings of the stack, as `pulumi config set` takes them. */
  readonly config?: Readonly<Record<string, string>>;
  /** Variables of the runner and of R's container in every task. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Stage {
  readonly stack: TestStack;
  /** R's image as its plots name it. */
  readonly rImage: string;
  start(
    command: readonly string[],
    environment?: Readonly<Record<string, string>>,
    change?: { readonly rEnvironment?: Readonly<Record<string, string>>; readonly maxRunSeconds?: number },
  ): Promise<ContainerTask>;
  /** Ends and removes what tests started. */
  clear(): Promise<void>;
}

export async function stage(moto: Moto, options: StageOptions): Promise<Stage> {
  const [runner, r] = await Promise.all([inspectImage(options.runner), inspectImage(options.r)]);
  const config = { runnerImage: runner.pinned, rImage: r.pinned, ...options.config };
  const { declared, cloud } = await deploy(moto.endpoint, { config });
  const definition = taskDefinitionOf(declared);
  const stack = await openStack(moto.endpoint, cloud);
  await stack.upload(options.data);
  const tasks: ContainerTask[] = [];
  return {
    stack,
    rImage: r.pinned,
    async start(command, environment = {}, { rEnvironment = {}, maxRunSeconds } = {}) {
      const variables = {
        AWS_ENDPOINT_URL: moto.endpoint,
        ...options.environment,
        ...environment,
      };
      const { containerOverrides } = taskOverrides(command, variables);
      const forR = Object.entries(rEnvironment).map(([name, value]) => ({ name, value }));
      const overrides: TaskOverrides = {
        containerOverrides: [...containerOverrides, { name: "r", command: [], environment: forR }],
      };
      const task = await startContainers({
        definition: maxRunSeconds === undefined ? definition : withLife(definition, maxRunSeconds),
        overrides,
      });
      tasks.push(task);
      return task;
    },
    async clear() {
      for (const task of tasks.splice(0)) await task.remove();
    },
  };
}

/** The same task with another longest life than the hours that can be configured. */
function withLife(definition: TaskDefinition, seconds: number): TaskDefinition {
  return {
    ...definition,
    containerDefinitions: definition.containerDefinitions.map((container) => {
      if (container.name !== "runner") return container;
      const declared = container.entryPoint.find((word) => /^\d+$/.test(word));
      if (container.entryPoint.join(" ") !== runnerEntryPoint(Number(declared)).join(" ")) {
        throw new Error(`the runner's entry point is another: ${container.entryPoint.join(" ")}`);
      }
      return { ...container, entryPoint: runnerEntryPoint(seconds) };
    }),
  };
}
