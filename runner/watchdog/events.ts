/** What wakes the watchdog, validated at the door: a task that stopped, the daily clock, dead letters of the schedule. */
import { z } from "zod";
import { WrongRequest } from "../errors.ts";
import { explain } from "../stores/stored.ts";
import { containers } from "../task.ts";

/** A container of a stopped task. One that never started has no exit code; the service may not even list it. */
export interface StoppedContainer {
  readonly name: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** A task that stopped, as far as ECS tells. */
export interface StoppedTask {
  readonly arn: string;
  readonly taskDefinition: string;
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
}

export type Incoming =
  | { readonly kind: "stopped"; readonly task: StoppedTask }
  | { readonly kind: "clock" }
  | { readonly kind: "dead letters"; readonly letters: readonly DeadLetter[] };

const Time = z.iso.datetime({ offset: true });

const Detail = z.object({
  taskArn: z.string().startsWith("arn:"),
  taskDefinitionArn: z.string().startsWith("arn:"),
  lastStatus: z.literal("STOPPED"),
  stopCode: z.string().optional(),
  stoppedReason: z.string().optional(),
  createdAt: Time.optional(),
  startedAt: Time.optional(),
  stoppedAt: Time.optional(),
  containers: z
    .array(z.object({ name: z.string(), exitCode: z.int().optional(), reason: z.string().optional() }))
    .default([]),
  overrides: z
    .object({
      containerOverrides: z
        .array(
          z.object({
            name: z.string().optional(),
            command: z.array(z.string()).nullish(),
            environment: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
          }),
        )
        .default([]),
    })
    .optional(),
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
        messageAttributes: z.record(z.string(), z.object({ stringValue: z.string().optional() })).default({}),
      }),
    )
    .min(1),
});

const Envelope = z.object({ source: z.string(), "detail-type": z.string() });

/** @throws WrongRequest for any other event, naming what it is and what is wrong with it */
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
  throw new WrongRequest(
    `the watchdog was woken by ${what}; it takes "ECS Task State Change" of a stopped task, "Scheduled Event", and ` +
      "messages of the schedule's dead-letter queue: look at what invokes it",
  );
}

function parse<T extends z.ZodType>(schema: T, event: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new WrongRequest(`the watchdog was woken by ${what}, but the event is not one: ${explain(parsed.error)}`);
}

function stoppedTask({ time, detail }: z.infer<typeof StoppedEvent>): StoppedTask {
  const overrides = detail.overrides?.containerOverrides.find(({ name }) => name === containers.runner);
  return {
    arn: detail.taskArn,
    taskDefinition: detail.taskDefinitionArn,
    stopCode: detail.stopCode,
    stoppedReason: detail.stoppedReason,
    createdAt: detail.createdAt,
    startedAt: detail.startedAt,
    stoppedAt: detail.stoppedAt ?? time,
    containers: detail.containers,
    command: overrides?.command ?? [],
    variables: new Map(overrides?.environment?.map(({ name, value }) => [name, value])),
  };
}

function deadLetter({ messageId, messageAttributes }: z.infer<typeof QueueEvent>["Records"][number]): DeadLetter {
  const attributes = Object.entries(messageAttributes).flatMap(([name, { stringValue }]) =>
    stringValue === undefined ? [] : [[name, stringValue] as const],
  );
  return { message: messageId, attributes: new Map(attributes) };
}
