/** Every port over the buckets, tables and topic of a deployed stack. */
import type { ModelId } from "../../domain.ts";
import type { Cloud } from "../../settings.ts";
import type { OpenStores, Usage } from "../ports.ts";
import { claimStack } from "./claim.ts";
import { type ClientOptions, openClients } from "./client.ts";
import { openIndex } from "./index.ts";
import { openInputs } from "./inputs.ts";
import { openLedger } from "./ledger.ts";
import { openLock } from "./lock.ts";
import { openTopic } from "./notifier.ts";
import { openObjects } from "./objects.ts";

export interface AwsOptions {
  readonly cloud: Cloud;
  /** Default: `AWS_REGION`. */
  readonly region?: string | undefined;
  /** Where a run's inputs are brought, below `simulations/`. */
  readonly dataDirectory: string;
  readonly model: ModelId;
  readonly clients?: ClientOptions;
}

export interface AwsStores extends OpenStores {
  readonly usage: () => Usage;
}

/**
 * Opens the stores of a stack; no call is made yet.
 * @throws {UnavailableError} where no region is set
 */
export async function openAwsStores({
  cloud,
  region,
  dataDirectory,
  model,
  ...options
}: AwsOptions): Promise<AwsStores> {
  const clients = openClients({ ...options.clients, ...(region === undefined ? {} : { region }) });
  const lock = openLock(clients, cloud.runsTable);
  return {
    dataDirectory,
    inputs: openInputs(clients, { bucket: cloud.dataBucket, table: cloud.runsTable, directory: dataDirectory, model }),
    objects: openObjects(clients, cloud.plotsBucket),
    index: openIndex(clients, cloud.plotsTable),
    ledger: openLedger(clients, cloud.runsTable),
    lock: {
      // whoever changes anything takes the lock first
      async acquire(holder) {
        await claimStack(clients, { stack: cloud.stack, table: cloud.runsTable, model });
        return lock.acquire(holder);
      },
    },
    notifier: openTopic(clients, cloud.topicArn),
    usage: clients.usage,
    async close() {
      clients.close();
    },
  };
}
