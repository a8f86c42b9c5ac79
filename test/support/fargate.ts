/**
 * Fargate for tests. moto takes, checks and remembers the calls, but starts nothing: here processes of this machine play
 * a task, their output goes to the log group as the log driver would send it, and their end becomes the task's.
 */
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import { containers, logStream, taskId } from "../../runner/deployment/task-containers.ts";
import { type Call, type Fault, type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";
import type { TestTask } from "./task.ts";

/** What a task was asked for. */
export interface Asked {
  readonly arn: string;
  /** The command line after `replot`. */
  readonly command: readonly string[];
  /** Of the override alone. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input: z.infer<typeof RunTask>;
}

/** What plays the task, or how it ends that never starts. */
export type Play = (
  asked: Asked,
) => Promise<Pick<TestTask, "process" | "ended" | "stop" | "remove">> | { stopCode: string; stoppedReason: string };

export interface Fargate {
  readonly endpoint: string;
  /** Every task that was started, in order. */
  readonly tasks: readonly Asked[];
  readonly proxy: FaultyProxy;
  close(): Promise<void>;
}

const RunTask = z.looseObject({
  launchType: z.string().optional(),
  capacityProviderStrategy: z.array(z.object({ capacityProvider: z.string(), weight: z.number() })).optional(),
  clientToken: z.string().optional(),
  startedBy: z.string().optional(),
  propagateTags: z.string().optional(),
  overrides: z.object({
    containerOverrides: z.array(
      z.object({
        name: z.string(),
        command: z.array(z.string()),
        environment: z.array(z.object({ name: z.string(), value: z.string() })),
      }),
    ),
  }),
});
const Tasks = z.looseObject({ tasks: z.array(z.looseObject({ taskArn: z.string() })) });

interface Task {
  readonly asked: Asked;
  /** Those that the next looks will show, in order; the last one stays. */
  readonly states: string[];
  played?: Awaited<Exclude<ReturnType<Play>, { stopCode: string }>>;
  end?: { readonly stopCode: string; readonly stoppedReason: string; readonly exitCode?: number };
  stopReason?: string;
}

/**
 * @param faults what else happens to calls, before anything here does
 */
export async function startFargate(
  moto: string,
  logGroup: string,
  play: Play,
  faults: (call: Call) => Fault | undefined = () => undefined,
): Promise<Fargate> {
  const tasks = new Map<string, Task>();
  const started: Asked[] = [];
  const answers = new Map<string, string>();
  const logs = new CloudWatchLogsClient({ endpoint: moto, region: "us-east-1" });

  const begin = (asked: Asked): Task => {
    const task: Task = { asked, states: ["PROVISIONING"] };
    const playing = play(asked);
    if ("stopCode" in playing) {
      task.end = playing;
      task.states.push("DEPROVISIONING", "STOPPED");
    } else {
      void playing.then((played) => run(task, played));
    }
    return task;
  };

  const run = async (task: Task, played: NonNullable<Task["played"]>): Promise<void> => {
    task.played = played;
    task.states.push("PENDING", "RUNNING");
    const { arn } = task.asked;
    const write = logDriver(logs, logGroup, logStream("runner", taskId(arn)));
    for (const stream of [played.process.stdout, played.process.stderr]) {
      stream?.on("data", (chunk: Buffer) => write(chunk.toString()));
    }
    const { code, signal } = await played.ended;
    await write("");
    const exited = { stopCode: "EssentialContainerExited", stoppedReason: "Essential container in task exited" };
    const byHand = { stopCode: "UserInitiated", stoppedReason: task.stopReason ?? "" };
    task.end = {
      ...(task.stopReason === undefined ? exited : byHand),
      exitCode: code ?? (signal === "SIGKILL" ? 137 : 143),
    };
    task.states.push("DEPROVISIONING", "STOPPED");
  };

  /** The task as the service shows it at this look; the next one sees its next state. */
  const show = (described: z.infer<typeof Tasks>["tasks"][number]): unknown => {
    const task = tasks.get(described.taskArn);
    if (task === undefined) return described;
    const [lastStatus] = task.states.length > 1 ? task.states.splice(0, 1) : task.states;
    const stopped = lastStatus === "STOPPED" || lastStatus === "DEPROVISIONING";
    const { exitCode, ...why } = stopped ? (task.end ?? {}) : {};
    return {
      ...described,
      lastStatus,
      desiredStatus: task.end === undefined ? "RUNNING" : "STOPPED",
      stoppedReason: undefined,
      containers: [
        { name: containers.runner, lastStatus, ...(exitCode === undefined ? {} : { exitCode }) },
        { name: containers.r, lastStatus },
      ],
      ...why,
    };
  };

  const decide = (call: Call): Fault | undefined => {
    const fault = faults(call);
    if (fault !== undefined) return fault;
    const action = call.target.split(".")[1];
    if (action === "RunTask") {
      const input = RunTask.parse(JSON.parse(call.body));
      const { capacityProviderStrategy: strategy, clientToken = "", ...rest } = input;
      if ((strategy === undefined) === (input.launchType === undefined)) {
        return {
          status: 400,
          body: JSON.stringify({ __type: "InvalidParameterException", message: "launch type or strategy" }),
        };
      }
      return {
        // moto can't place tasks by a strategy
        send: JSON.stringify({ ...rest, launchType: "FARGATE" }),
        answer: (body) => {
          const before = answers.get(clientToken);
          if (before !== undefined) return before;
          const answer = Tasks.safeParse(JSON.parse(body));
          if (!answer.success) return body;
          for (const { taskArn: arn } of answer.data.tasks) {
            const [override] = input.overrides.containerOverrides;
            const environment = Object.fromEntries(
              (override?.environment ?? []).map(({ name, value }) => [name, value]),
            );
            const asked = { arn, command: override?.command ?? [], environment, input };
            started.push(asked);
            tasks.set(arn, begin(asked));
          }
          answers.set(clientToken, body);
          return body;
        },
      };
    }
    if (action === "DescribeTasks") {
      return {
        answer: (body) => {
          const answer = Tasks.safeParse(JSON.parse(body));
          return answer.success ? JSON.stringify({ ...answer.data, tasks: answer.data.tasks.map(show) }) : body;
        },
      };
    }
    if (action === "StopTask") {
      const { task: arn, reason } = z.object({ task: z.string(), reason: z.string() }).parse(JSON.parse(call.body));
      const task = tasks.get(arn);
      if (task !== undefined) {
        task.stopReason = reason;
        void task.played?.stop();
      }
    }
    return undefined;
  };

  const proxy = await startFaultyProxy(moto, decide);
  return {
    endpoint: proxy.endpoint,
    tasks: started,
    proxy,
    async close() {
      for (const { played } of tasks.values()) await played?.remove();
      logs.destroy();
      await proxy.close();
    },
  };
}

/** Sends text to a stream of its own, in order. */
function logDriver(
  logs: CloudWatchLogsClient,
  logGroupName: string,
  logStreamName: string,
): (text: string) => Promise<unknown> {
  const send = async (text: string): Promise<void> => {
    const lines = text.split("\n").filter((message) => message !== "");
    const logEvents = lines.map((message) => ({ timestamp: Date.now(), message }));
    if (lines.length > 0) await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  };
  let last: Promise<unknown> = logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  return (text) => {
    last = last.then(() => send(text));
    return last;
  };
}
