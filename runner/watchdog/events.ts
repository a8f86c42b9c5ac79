/** What wakes the watchdog, validated at the door: a task that stopped, the daily clock, dead letters of the schedule. */
import { z } from "zod";
import { containers } from "../deployment/task-containers.ts";
import { UsageError } from "../errors.ts";
import { settingsTable } from "../settings/table.ts";
import { explain } from "../stores/stored.ts";
import { cleanLine } from "../text/clean.ts";

/** A container of a stopped task. One that never started has no exit code; the service may not even list it. */
export interface StoppedContainer {
  readonly name: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** A task that stopped, as far as ECS tells. */
export interface StoppedTask {
  readonly arn: string;
  readonly stopCode?: string | undefined;
  readonly stoppedReason?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly stoppedAt: string;
  readonly containers: readonly StoppedContainer[];
  /** What the runner was asked for: the words after `replot`, where it was started with any. */
  readonly command: readonly string[];
  /** Variables that it was started with besides the task definition's. */
  readonly variables: ReadonlyMap<string, string>;
}

/** A delivery that the schedule gave up. */
export interface DeadLetter {
  readonly message: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** What the task should have been asked for, as far as the message says. */
  readonly command: readonly string[];
  /** When it should have been. ISO 8601. */
  readonly scheduledTime: string | undefined;
}

export type Incoming =
  | { readonly kind: "stopped"; readonly task: StoppedTask }
  | { readonly kind: "clock" }
  | { readonly kind: "dead letters"; readonly letters: readonly DeadLetter[] };

const Time = z.iso.datetime({ offset: true });

/** Words of a service, as one line. */
const Words = z.string().transform((text) => cleanLine(text));

/** What only embellishes an e-mail must not keep it from being sent. */
const asGiven = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const Overrides = z.object({
  containerOverrides: z.array(
    z.object({
      name: z.string(),
      command: z.array(z.string()).optional(),
      environment: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
    }),
  ),
});

const Detail = z.object({
  taskArn: z.string().startsWith("arn:"),
  lastStatus: z.literal("STOPPED"),
  stopCode: asGiven(Words),
  stoppedReason: asGiven(Words),
  createdAt: asGiven(Time),
  startedAt: asGiven(Time),
  stoppedAt: asGiven(Time),
  containers: z.array(z.object({ name: z.string(), exitCode: asGiven(z.int()), reason: asGiven(Words) })).default([]),
  overrides: asGiven(Overrides),
});

const StoppedEvent = z.object({
  source: z.literal("aws.ecs"),
  "detail-type": z.literal("ECS Task State Change"),
  time: Time,
  detail: Detail,
});

/** As a rule with a schedule sends it, and EventBridge Scheduler. */
const ClockEvent = z.object({
  source: z.enum(["aws.events", "aws.scheduler"]),
  "detail-type": z.literal("Scheduled Event"),
});

const QueueEvent = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal("aws:sqs"),
        messageId: z.string(),
        /** What the schedule would have sent. */
        body: asGiven(z.string()),
        messageAttributes: z.record(z.string(), z.object({ stringValue: Words.optional() })).default({}),
      }),
    )
    .min(1),
});

const Envelope = z.object({ source: z.string(), "detail-type": z.string() });

/** @throws UsageError for any other event, naming what it is and what is wrong with it */
export function readEvent(event: unknown): Incoming {
  const envelope = Envelope.safeParse(event);
  if (envelope.success && envelope.data["detail-type"] === "ECS Task State Change") {
    return { kind: "stopped", task: stoppedTask(parse(StoppedEvent, event, "a stopped task")) };
  }
  if (envelope.success && envelope.data["detail-type"] === "Scheduled Event") {
    parse(ClockEvent, event, "the daily clock");
    return { kind: "clock" };
  }
  if (typeof event === "object" && event !== null && "Records" in event) {
    const { Records: records } = parse(QueueEvent, event, "messages of the dead-letter queue");
    return { kind: "dead letters", letters: records.map(deadLetter) };
  }
  const what = envelope.success ? `"${envelope.data["detail-type"]}" of ${envelope.data.source}` : "an unknown event";
  throw new UsageError(
    `the watchdog was woken by ${what}; it takes "ECS Task State Change" of a stopped task, "Scheduled Event", and ` +
      "messages of the schedule's dead-letter queue: look at what invokes it",
  );
}

function parse<T extends z.ZodType>(schema: T, event: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new UsageError(`the watchdog was woken by ${what}, but the event is not one: ${explain(parsed.error)}`);
}

function stoppedTask({ time, detail }: z.infer<typeof StoppedEvent>): StoppedTask {
  const { overrides, stoppedAt = time, taskArn: arn, lastStatus: _, ...told } = detail;
  return { ...told, arn, stoppedAt, ...askedOf(overrides) };
}

/** What the runner was asked for besides what its task definition says. */
function askedOf(overrides: z.infer<typeof Overrides> | undefined): Pick<StoppedTask, "command" | "variables"> {
  const { command = [], environment = [] } =
    overrides?.containerOverrides.find(({ name }) => name === containers.runner) ?? {};
  return { command, variables: new Map(environment.map(({ name, value }) => [name, value])) };
}

function deadLetter({ messageId, body, messageAttributes }: z.infer<typeof QueueEvent>["Records"][number]): DeadLetter {
  const attributes = Object.entries(messageAttributes).flatMap(([name, { stringValue }]) =>
    stringValue === undefined ? [] : [[name, stringValue] as const],
  );
  const named = new Map(attributes);
  const { command, variables } = askedOf(Overrides.safeParse(json(body)).data);
  const scheduledTime = named.get("SCHEDULED_TIME") ?? variables.get(settingsTable.scheduledTime.variable);
  return { message: messageId, attributes: named, command, scheduledTime };
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
