/** A deployed stack in which roles may do what was declared for them: tasks and the watchdog run with their own. */
import { CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { logStream, taskId } from "../../runner/deployment/task-containers.ts";
import { settingsTable } from "../../runner/settings/table.ts";
import { retryPauseVariable } from "../../runner/stores/aws/client.ts";
import { testCredentials } from "../support/credentials.ts";
import { type DeployedStack, deploy } from "../support/deploy.ts";
import { type PolicyProxy, type PolicyProxyOptions, startPolicyProxy } from "../support/iam.ts";
import { type Result, weatherCatalog, weatherCommand } from "../support/installation.ts";
import { type LambdaFunction, unpackWatchdog } from "../support/lambda.ts";
import { openStack, stackState, type TestStack } from "../support/stack.ts";
import { startTask, type TaskOptions, type TestTask } from "../support/task.ts";
import { stopped } from "../watchdog/events.ts";

/** Access keys of the two roles. */
export const keys = { task: "AKIATASK", watchdog: "AKIAWATCHDOG" } as const;

const credentialsOf = (role: keyof typeof keys) => ({
  AWS_ACCESS_KEY_ID: keys[role],
  AWS_SECRET_ACCESS_KEY: "testing",
  AWS_REGION: testCredentials.AWS_REGION,
});

/** What the deployed environment says of paths in containers holds in containers only. */
const inContainers: readonly string[] = [
  settingsTable.work.variable,
  settingsTable.data.variable,
  settingsTable.catalog.variable,
  settingsTable.rDirectory.variable,
  settingsTable.rCommand.variable,
  "TMPDIR",
];

type Endpoint = Pick<PolicyProxy, "endpoint">;

export class Stage {
  readonly deployed: DeployedStack;
  readonly stack: TestStack;
  private readonly endpoint: string;
  private readonly watchdog: LambdaFunction;
  private readonly undo: (() => Promise<void>)[] = [];

  private constructor(endpoint: string, deployed: DeployedStack, stack: TestStack, watchdog: LambdaFunction) {
    this.endpoint = endpoint;
    this.deployed = deployed;
    this.stack = stack;
    this.watchdog = watchdog;
  }

  static async open(endpoint: string): Promise<Stage> {
    const deployed = await deploy(endpoint);
    return new Stage(endpoint, deployed, await openStack(endpoint, deployed.cloud), await unpackWatchdog());
  }

  /** Between the roles and the services, with their declared policies. */
  async proxy(options: Omit<PolicyProxyOptions, "roles"> = {}): Promise<PolicyProxy> {
    const { task, watchdog } = this.deployed.roles;
    const roles = { [keys.task]: task, [keys.watchdog]: watchdog };
    const proxy = await startPolicyProxy(this.endpoint, { ...options, roles });
    this.undo.push(() => proxy.close());
    return proxy;
  }

  /** Starts a task of the deployed definition, as far as that can be had without containers. */
  async start(proxy: Endpoint, command: readonly string[], change: Partial<TaskOptions> = {}): Promise<TestTask> {
    const declared = Object.entries(this.deployed.environments.runner).filter(([name]) => !inContainers.includes(name));
    const task = await startTask({
      stack: this.stack,
      endpoint: proxy.endpoint,
      catalog: weatherCatalog,
      command,
      ...change,
      environment: {
        ...Object.fromEntries(declared),
        ...credentialsOf("task"),
        [settingsTable.rCommand.variable]: weatherCommand,
        ...change.environment,
      },
    });
    this.undo.push(() => task.remove());
    return task;
  }

  /** Wakes the watchdog in its role. @returns what it logged */
  wake(proxy: Endpoint, ...events: unknown[]): Promise<string> {
    const environment = {
      ...this.deployed.environments.watchdog,
      ...credentialsOf("watchdog"),
      AWS_ENDPOINT_URL: proxy.endpoint,
      [retryPauseVariable]: "5",
    };
    return this.watchdog.invoke(environment, ...events);
  }

  /** What ECS does when a task has ended: its output is in the log group, and an event says how it ended. */
  async ended(
    task: TestTask,
    { code, stderr }: Result,
    command: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const { logs } = this.deployed.services;
    const place = {
      logGroupName: this.deployed.deployment.logGroup,
      logStreamName: logStream("runner", taskId(task.arn)),
    };
    const lines = stderr.split("\n").filter((line) => line !== "");
    await logs.send(new CreateLogStreamCommand(place));
    const logEvents = lines.map((message) => ({ message, timestamp: Date.now() }));
    if (logEvents.length > 0) await logs.send(new PutLogEventsCommand({ ...place, logEvents }));
    const containers = [
      { name: "runner", exitCode: code ?? 137 },
      { name: "r", exitCode: 143 },
    ];
    const stoppedAt = new Date().toISOString();
    const environment = Object.entries(variables).map(([name, value]) => ({ name, value }));
    return stopped({ task: task.arn, containers, command, environment, stoppedAt, startedAt: stoppedAt });
  }

  state(catalog: string = weatherCatalog): ReturnType<typeof stackState> {
    return stackState(this.stack, this.endpoint, catalog);
  }

  /** Ends what a test started. */
  async clear(): Promise<void> {
    for (const step of this.undo.splice(0).reverse()) await step();
  }

  async close(): Promise<void> {
    await this.clear();
    await this.watchdog.remove();
  }
}
