/** A deployed stack, with clients for the AWS services of its region. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECSClient } from "@aws-sdk/client-ecs";
import type { Deployment } from "../deployment/deployment.ts";
import { type Clients, openClients } from "../stores/aws/client.ts";
import { readDeployment } from "./outputs.ts";

export interface Stack {
  readonly deployment: Deployment;
  readonly clients: Clients;
  readonly ecs: ECSClient;
  readonly logs: CloudWatchLogsClient;
}

/**
 * Opens the stack, and closes its clients afterwards.
 * @param name as {@link readDeployment} takes it
 */
export async function withStack<T>(name: string | undefined, work: (stack: Stack) => Promise<T>): Promise<T> {
  return withDeployment(await readDeployment(name), work);
}

/** The same for a stack whose outputs are known. */
export async function withDeployment<T>(deployment: Deployment, work: (stack: Stack) => Promise<T>): Promise<T> {
  const clients = openClients({ region: deployment.region });
  const ecs = new ECSClient(clients.settings);
  const logs = new CloudWatchLogsClient(clients.settings);
  try {
    return await work({ deployment, clients, ecs, logs });
  } finally {
    for (const client of [ecs, logs, clients]) "destroy" in client ? client.destroy() : client.close();
  }
}
