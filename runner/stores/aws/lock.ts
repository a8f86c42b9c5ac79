/** The lock that keeps two runs apart: one item of the runs table, taken and kept by conditional writes. */
import { randomUUID } from "node:crypto";
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { z } from "zod";
import { RunId } from "../../domain.ts";
import { ledgerKeys } from "../../layout.ts";
import type { Lease, Lock, LockHolder } from "../ports.ts";
import { parseStored } from "../stored.ts";
import type { Clients } from "./client.ts";
import { awsFailure } from "./failure.ts";

export interface LockOptions {
  /** How long a holder that gives no sign keeps the lock, in milliseconds. Default 60 s. */
  readonly leaseTime?: number;
  /** How long one renewal may take with all its repetitions, in milliseconds: several fit into a lease. Default 20 s. */
  readonly patience?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const StoredLock = z.object({
  run: RunId,
  owner: z.string(),
  since: z.string(),
  token: z.string(),
  /** Milliseconds since 1970. */
  lease_end: z.number(),
});

/** Who holds the lock; undefined where nobody does, or where the lease has run out. */
export async function readLock(
  { dynamodb }: Pick<Clients, "dynamodb">,
  table: string,
  now: number = Date.now(),
): Promise<LockHolder | undefined> {
  const key = marshall(ledgerKeys.lock);
  const command = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
  const on = `table ${table}, the lock`;
  const { Item: item } = await dynamodb.send(command).catch((thrown: unknown) => {
    throw awsFailure({ action: "dynamodb:GetItem", on }, thrown);
  });
  if (item === undefined) return undefined;
  const { run, owner, since, lease_end: end } = parseStored(StoredLock, unmarshall(item), on);
  return end > now ? { run, owner, since } : undefined;
}

/**
 * The lock over a table. Renewing in time is up to the holder. The clocks of those who compete must agree to within a
 * few seconds, as those of AWS do.
 */
export function openLock(clients: Pick<Clients, "dynamodb">, table: string, options: LockOptions = {}): Lock {
  const { dynamodb: client } = clients;
  const { leaseTime = 60_000, patience = 20_000, now = Date.now } = options;
  const key = marshall(ledgerKeys.lock);
  const on = `table ${table}, the lock`;

  /** A holder's writes: only while its own token is in the item. False where it is not. */
  const whileHeld = async (action: string, send: () => Promise<unknown>): Promise<boolean> => {
    try {
      await send();
      return true;
    } catch (thrown) {
      if (thrown instanceof ConditionalCheckFailedException) return false;
      throw awsFailure({ action, on }, thrown);
    }
  };

  const lease = (token: string): Lease => ({
    renew: () =>
      whileHeld("dynamodb:UpdateItem", () =>
        inTime(patience, (abortSignal) =>
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: key,
              UpdateExpression: "SET lease_end = :end",
              ConditionExpression: "#token = :token",
              ExpressionAttributeNames: { "#token": "token" },
              ExpressionAttributeValues: marshall({ ":token": token, ":end": now() + leaseTime }),
            }),
            { abortSignal },
          ),
        ),
      ),

    async release() {
      await whileHeld("dynamodb:DeleteItem", () =>
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: key,
            ConditionExpression: "#token = :token",
            ExpressionAttributeNames: { "#token": "token" },
            ExpressionAttributeValues: marshall({ ":token": token }),
          }),
        ),
      );
    },
  });

  return {
    async acquire({ run, owner, since }) {
      const token = randomUUID();
      for (;;) {
        const time = now();
        const command = new PutItemCommand({
          TableName: table,
          Item: marshall({ ...ledgerKeys.lock, run, owner, since, token, lease_end: time + leaseTime }),
          ConditionExpression: "attribute_not_exists(pk) OR lease_end <= :now",
          ExpressionAttributeValues: marshall({ ":now": time }),
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        });
        try {
          await client.send(command);
          return lease(token);
        } catch (thrown) {
          if (!(thrown instanceof ConditionalCheckFailedException)) {
            throw awsFailure({ action: "dynamodb:PutItem", on }, thrown);
          }
          // the refusal shows what it was refused for
          if (thrown.Item === undefined) continue;
          const { token: theirs, lease_end: _, ...heldBy } = parseStored(StoredLock, unmarshall(thrown.Item), on);
          // our own attempt, whose answer was lost, has taken it
          return theirs === token ? lease(token) : { heldBy };
        }
      }
    },
  };
}

/** A call that is given up on once its time is over, also while it waits to be repeated. */
async function inTime<T>(milliseconds: number, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      giveUp.abort();
      reject(Object.assign(new Error(`no answer in ${milliseconds} ms`), { name: "TimeoutError" }));
    }, milliseconds);
  });
  try {
    return await Promise.race([send(giveUp.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
