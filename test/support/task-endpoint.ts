/** What a task's containers can ask about their task, and get credentials from. */
import { createServer } from "node:http";

/** An answer of the metadata endpoint in the form of Fargate's: 2 cores, 8 GiB, 30 GiB of storage. */
export function fargateMetadata(arn: string, pullStarted: Date = new Date(Date.now() - 60_000)) {
  return {
    Cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/replot",
    TaskARN: arn,
    Family: "replot",
    Revision: "3",
    DesiredStatus: "RUNNING",
    KnownStatus: "RUNNING",
    Limits: { CPU: 2, Memory: 8192 },
    PullStartedAt: pullStarted.toISOString(),
    PullStoppedAt: new Date(pullStarted.getTime() + 20_000).toISOString(),
    AvailabilityZone: "us-east-1a",
    LaunchType: "FARGATE",
    Containers: [],
    ClockDrift: {
      ClockErrorBound: 0.4,
      ReferenceTimestamp: "2026-11-22T09:00:00Z",
      ClockSynchronizationStatus: "SYNCHRONIZED",
    },
    EphemeralStorageMetrics: { Utilized: 261, Reserved: 30_720 },
  };
}

/** The endpoints that a task's containers reach. @param answers by their paths */
export async function serveTask(
  answers: Readonly<Record<string, unknown>>,
): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    if (answer === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the metadata endpoint has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
