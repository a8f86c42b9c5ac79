/** Reads the log of a task's container from CloudWatch. */
import { GetLogEventsCommand, type OutputLogEvent, ResourceNotFoundException } from "@aws-sdk/client-cloudwatch-logs";
import { logStream, taskId } from "../deployment/task-containers.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import type { Stack } from "./open.ts";

export type Container = Parameters<typeof logStream>[0];

/**
 * Reads a log incrementally.
 * @returns a function that returns the lines written since its last call
 */
export function logReader(stack: Stack, container: Container, arn: string): () => Promise<string[]> {
  let next: string | undefined;
  return async () => {
    const lines: string[] = [];
    for (;;) {
      const page = await events(
        stack,
        container,
        arn,
        next === undefined ? { startFromHead: true } : { nextToken: next },
      );
      lines.push(...page.lines);
      // at the end, CloudWatch returns the same token again
      if (page.next === undefined || page.next === next) return lines;
      next = page.next;
    }
  };
}

/** The last lines, the oldest first. */
export async function lastLines(stack: Stack, container: Container, arn: string, limit: number): Promise<string[]> {
  return (await events(stack, container, arn, { startFromHead: false, limit })).lines;
}

async function events(
  { deployment, logs }: Stack,
  container: Container,
  arn: string,
  from: { readonly startFromHead?: boolean; readonly nextToken?: string; readonly limit?: number },
): Promise<{ readonly lines: string[]; readonly next: string | undefined }> {
  const stream = logStream(container, taskId(arn));
  const command = new GetLogEventsCommand({
    logGroupName: deployment.logGroup,
    logStreamName: stream,
    startFromHead: true,
    ...from,
  });
  try {
    const { events: found = [], nextForwardToken } = await logs.send(command);
    return { lines: found.flatMap(linesOf), next: nextForwardToken };
  } catch (thrown) {
    // a container without output has no stream
    if (thrown instanceof ResourceNotFoundException) return { lines: [], next: undefined };
    throw awsFailure({ action: "logs:GetLogEvents", on: `log group ${deployment.logGroup}, stream ${stream}` }, thrown);
  }
}

/** The lines of an event, without metrics, which are for CloudWatch. */
function linesOf({ message = "" }: OutputLogEvent): string[] {
  if (message.startsWith('{"_aws":')) return [];
  return message.replace(/\n$/, "").split("\n");
}
