/** Events that invoke the watchdog, validated: a stopped task, the daily rule, messages of the schedule's dead-letter queue. */
import { z } from "zod";
import { containers } from "../deployment/task-containers.ts";
import { UsageError } from "../errors.ts";
import { settingsTable } from "../settings/table.ts";
import { explain } from "../stores/stored.ts";
import { cleanLine } from "../text/clean.ts";

/** A container of a stopped task. If it never started, it has no exit code, or ECS does not list it at all. */
export interface StoppedContainer {
  readonly name: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** A stopped task, as the event describes it. */
export interface StoppedTask {
  readonly arn: string;
  readonly stopCode?: string | undefined;
  readonly stoppedReason?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly stoppedAt: string;
  readonly containers: readonly StoppedContainer[];
  /** The runner's command line after `replot`; empty if the task was started without overrides. */
  readonly command: readonly string[];
  /** Environment variables that the task was started with, besides those of the task definition. */
  readonly variables: ReadonlyMap<string, string>;
}

/** A scheduled start that failed for good. */
export interface DeadLetter {
  readonly message: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** The runner's command line after `replot`, as far as the message contains it. */
  readonly command: readonly string[];
  /** The time it was scheduled for. ISO 8601. */
  readonly scheduledTime: string | undefined;
}

export type Incoming =
  | { readonly kind: "stopped"; readonly task: StoppedTask }
  | { readonly kind: "clock" }
  | { readonly kind: "dead letters"; readonly letters: readonly DeadLetter[] };

const Time = z.iso.datetime({ offset: true });

/** Text of a service, as one clean line. */
const Words = z.string().transform((text) => cleanLine(text));

/** An optional field, undefined if it has an unexpected form: the e-mail is sent without it. */
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

/** Sent by a rule with a schedule, and by EventBridge Scheduler. */
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
        /** The input that the schedule would have sent to RunTask. */
        body: asGiven(z.string()),
        messageAttributes: z.record(z.string(), z.object({ stringValue: Words.optional() })).default({}),
      }),
    )
    .min(1),
});

const Envelope = z.object({ source: z.string(), "detail-type": z.string() });

/** @throws UsageError for any other event, with its type and what is wrong with it */
export function readEvent(event: unknown): Incoming {
  const envelope = Envelope.safeParse(event);
  if (envelope.success && envelope.data["detail-type"] === "ECS Task State Change") {
    return { kind: "stopped", task: stoppedTask(parse(StoppedEvent, event, "a stopped task")) };
  }
  if (envelope.success && envelope.data["detail-type"] === "Scheduled Event") {
    parse(ClockEvent, event, "the daily schedule");
    return { kind: "clock" };
  }
  if (typeof event === "object" && event !== null && "Records" in event) {
    const { Records: records } = parse(QueueEvent, event, "messages of the dead-letter queue");
    return { kind: "dead letters", letters: records.map(deadLetter) };
  }
  const what = envelope.success ? `"${envelope.data["detail-type"]}" of ${envelope.data.source}` : "an unknown event";
  throw new UsageError(
    `the watchdog was invoked with ${what}; it accepts "ECS Task State Change" of a stopped task, "Scheduled Event", and ` +
      "messages of the schedule's dead-letter queue; check the event sources of the function",
  );
}

function parse<T extends z.ZodType>(schema: T, event: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `the watchdog was invoked with an event of ${what} that has another form than expected: ${explain(parsed.error)}`,
  );
}

function stoppedTask({ time, detail }: z.infer<typeof StoppedEvent>): StoppedTask {
  const { overrides, stoppedAt = time, taskArn: arn, lastStatus: _, ...fields } = detail;
  return { ...fields, arn, stoppedAt, ...overridesOf(overrides) };
}

/** Command and variables that replace or extend those of the task definition. */
function overridesOf(overrides: z.infer<typeof Overrides> | undefined): Pick<StoppedTask, "command" | "variables"> {
  const { command = [], environment = [] } =
    overrides?.containerOverrides.find(({ name }) => name === containers.runner) ?? {};
  return { command, variables: new Map(environment.map(({ name, value }) => [name, value])) };
}

function deadLetter({ messageId, body, messageAttributes }: z.infer<typeof QueueEvent>["Records"][number]): DeadLetter {
  const attributes = Object.entries(messageAttributes).flatMap(([name, { stringValue }]) =>
    stringValue === undefined ? [] : [[name, stringValue] as const],
  );
  const named = new Map(attributes);
  const { command, variables } = overridesOf(Overrides.safeParse(json(body)).data);
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
