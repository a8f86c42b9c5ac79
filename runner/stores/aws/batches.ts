/** Many small writes to a table: in batches, several at once, and again what DynamoDB left out. */
import { BatchWriteItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import pLimit from "p-limit";
import { UnavailableError } from "../../errors.ts";
import type { Clients } from "./client.ts";
import { awsFailure } from "./failure.ts";
import { defaultAttempts } from "./retry.ts";

/** The most that one BatchWriteItem takes. */
const batchSize = 25;
/** A city's 1,800 rows are 73 batches of some 10 ms each: more at once only meets the table's limit sooner. */
const atOnce = 8;

/**
 * Resolves once every request was processed. Where it fails, some are and some aren't: sending all of them again is
 * safe.
 * @param requests no two of the same key
 * @throws {UnavailableError} when DynamoDB goes on leaving items out
 */
export async function writeBatches(
  clients: Pick<Clients, "dynamodb" | "again">,
  table: string,
  requests: readonly WriteRequest[],
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(requests.length / batchSize) }, (_, n) =>
    requests.slice(n * batchSize, (n + 1) * batchSize),
  );
  const limit = pLimit(atOnce);
  // every batch comes to its end, so that nothing is still being written when this rejects
  const ends = await Promise.allSettled(batches.map((batch) => limit(() => writeBatch(clients, table, batch))));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function writeBatch(
  { dynamodb, again }: Pick<Clients, "dynamodb" | "again">,
  table: string,
  batch: readonly WriteRequest[],
): Promise<void> {
  const call = { action: "dynamodb:BatchWriteItem", on: `table ${table}` };
  let left = batch;
  for (let inVain = 0; ; ) {
    const command = new BatchWriteItemCommand({ RequestItems: { [table]: [...left] } });
    const { UnprocessedItems: unprocessed = {} } = await dynamodb.send(command).catch((thrown: unknown) => {
      throw awsFailure(call, thrown);
    });
    const remaining = Object.values(unprocessed).flat();
    if (remaining.length === 0) return;
    inVain = remaining.length < left.length ? 0 : inVain + 1;
    if (inVain >= defaultAttempts) {
      throw new UnavailableError(
        `${call.action} for ${call.on}: ${remaining.length} items were left out ${inVain} times in a row; ` +
          "the table's capacity is used up. Run again later, or raise its limit",
      );
    }
    left = remaining;
    await again(inVain);
  }
}
