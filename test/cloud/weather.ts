/** What tests of whole runs begin with: the inputs of the weather model, in the stores of a stack. */
import { after, afterEach, before, beforeEach } from "mocha";
import { type Installation, weatherCatalog, weatherInstallation } from "../support/installation.ts";
import type { Moto } from "../support/moto.ts";
import { makeStack, stackState, type TestStack } from "../support/stack.ts";
import type { State } from "../support/state.ts";
import type { TaskOptions, TestTask } from "../support/task.ts";
import { startWeatherTask } from "../support/weather-task.ts";
import { Stage } from "./stage.ts";

/** Of the test under way. */
export interface WeatherTasks {
  readonly here: Installation;
  readonly stack: TestStack;
  state(): Promise<State>;
  /** Starts a task, which is removed after the test. @param habits of its program */
  start(command: readonly string[], change?: Partial<TaskOptions>, habits?: string): Promise<TestTask>;
}

/** Registers a stack's stores for each test, and the clean-up. @param environment of every task */
export function weatherTasks(moto: Moto, environment: NodeJS.ProcessEnv = {}): WeatherTasks {
  let here: Installation;
  let stack: TestStack;
  const tasks: TestTask[] = [];

  beforeEach(async () => {
    here = await weatherInstallation();
    stack = await makeStack(moto.endpoint);
    await stack.upload(here.data);
  });
  afterEach(async () => {
    for (const task of tasks.splice(0)) await task.remove();
    await here.remove();
  });

  return {
    get here() {
      return here;
    },
    get stack() {
      return stack;
    },
    state: () => stackState(stack, moto.endpoint, weatherCatalog),
    async start(command, change = {}, habits = "") {
      const options = { stack, endpoint: moto.endpoint, command, ...change };
      const variables = { ...environment, ...change.environment };
      const task = await startWeatherTask(here, { ...options, environment: variables }, habits);
      tasks.push(task);
      return task;
    },
  };
}

/** Registers one stage for the tests of a suite, and the clean-up of it after each of them and at the end. */
export function weatherStage(moto: Moto): { readonly here: Installation; readonly stage: Stage } {
  let here: Installation;
  let stage: Stage;

  before(async function () {
    this.timeout(120_000);
    here = await weatherInstallation();
    stage = await Stage.open(moto.endpoint);
    await stage.stack.upload(here.data);
  });
  afterEach(() => stage.clear());
  after(async () => {
    await stage.close();
    await here.remove();
  });

  return {
    get here() {
      return here;
    },
    get stage() {
      return stage;
    },
  };
}
