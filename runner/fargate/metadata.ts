/** What Fargate tells a task about itself, by the metadata endpoint that every container of it can reach. */
import { z } from "zod";

const Timestamp = z.iso.datetime({ offset: true });

/** Of the answer, what is used here. Fargate may add to it. */
const Answer = z.object({
  TaskARN: z.string().startsWith("arn:"),
  /** When the first image was begun to be pulled: from then on the task costs. */
  PullStartedAt: Timestamp.optional(),
  /** Cores, and MiB. */
  Limits: z.object({ CPU: z.number().positive(), Memory: z.number().positive() }).optional(),
  /** MiB. */
  EphemeralStorageMetrics: z.object({ Reserved: z.number().positive() }).optional(),
});

export interface TaskMetadata {
  /** The task's ARN. */
  readonly task: string;
  /** ISO 8601. */
  readonly pullStarted: string | undefined;
  readonly cores: number | undefined;
  /** GiB. */
  readonly memory: number | undefined;
  /** GiB, all that the task has. */
  readonly storage: number | undefined;
}

const patienceMilliseconds = 2_000;
const attempts = 3;

/** @returns undefined where there is no such endpoint, or none that answers as expected: no run fails by that */
export async function readTaskMetadata(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<TaskMetadata | undefined> {
  const endpoint = environment["ECS_CONTAINER_METADATA_URI_V4"];
  if (endpoint === undefined || endpoint === "") return undefined;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const found = await ask(`${endpoint}/task`).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function ask(url: string): Promise<TaskMetadata> {
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMilliseconds) });
  const { TaskARN, PullStartedAt, Limits, EphemeralStorageMetrics } = Answer.parse(await response.json());
  return {
    task: TaskARN,
    pullStarted: PullStartedAt,
    cores: Limits?.CPU,
    memory: Limits === undefined ? undefined : Limits.Memory / 1024,
    storage: EphemeralStorageMetrics === undefined ? undefined : EphemeralStorageMetrics.Reserved / 1024,
  };
}
