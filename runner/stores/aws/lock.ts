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
import { defaultLeaseTime, isFromTheFuture, watchLease, watchNotice } from "../lease.ts";
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
  /** Told where a lease can't be right and is watched. Default: a warning of the process. */
  readonly notice?: (text: string) => void;
}

const StoredLock = z.object({
  run: RunId,
  owner: z.string(),
  since: z.string(),
  token: z.string(),
  /** Milliseconds since 1970. */
  lease_end: z.number(),
});

type StoredLock = z.infer<typeof StoredLock>;

/** Reads the item of the lock, whatever its lease says. */
async function readItem({ dynamodb }: Pick<Clients, "dynamodb">, table: string): Promise<StoredLock | undefined> {
  const key = marshall(ledgerKeys.lock);
  const command = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
  const on = `table ${table}, the lock`;
  const { Item: item } = await dynamodb.send(command).catch((thrown: unknown) => {
    throw awsFailure({ action: "dynamodb:GetItem", on }, thrown);
  });
  return item === undefined ? undefined : parseStored(StoredLock, unmarshall(item), on);
}

/** The lock as somebody finds it who does not want it. */
export interface FoundLock extends LockHolder {
  /** End of the lease, in milliseconds since 1970. */
  readonly leaseEnd: number;
  /** `doubtful`: no correct clock wrote the end of the lease; the next run watches it, and takes over from a dead holder. */
  readonly lease: "valid" | "doubtful";
}

/** What is found of the lock; undefined where nobody holds it, or where the lease has run out. */
export async function findLock(
  clients: Pick<Clients, "dynamodb">,
  table: string,
  now: number = Date.now(),
): Promise<FoundLock | undefined> {
  const item = await readItem(clients, table);
  if (item === undefined || item.lease_end <= now) return undefined;
  const { run, owner, since, lease_end: leaseEnd } = item;
  const lease = isFromTheFuture(leaseEnd, now, defaultLeaseTime) ? "doubtful" : "valid";
  return { run, owner, since, leaseEnd, lease };
}

/** Who holds the lock; undefined where nobody does, and where the lease has run out or proves nothing. */
export async function readLock(
  clients: Pick<Clients, "dynamodb">,
  table: string,
  now?: number,
): Promise<LockHolder | undefined> {
  const found = await findLock(clients, table, now);
  if (found === undefined || found.lease === "doubtful") return undefined;
  const { run, owner, since } = found;
  return { run, owner, since };
}

/**
 * The lock over a table. Renewing in time is up to the holder. The clocks of those who compete must agree to within a
 * few seconds, as those of AWS do; a lease that ends much later than any of them allows is watched, and taken when its
 * length has passed without a sign.
 */
export function openLock(clients: Pick<Clients, "dynamodb">, table: string, options: LockOptions = {}): Lock {
  const { dynamodb: client } = clients;
  const { leaseTime = defaultLeaseTime, patience = 20_000, now = Date.now } = options;
  const notice = options.notice ?? ((text) => process.emitWarning(text));
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
      /** A lease that was watched for its length. */
      let abandoned: StoredLock | undefined;
      for (;;) {
        const time = now();
        const command = new PutItemCommand({
          TableName: table,
          Item: marshall({ ...ledgerKeys.lock, run, owner, since, token, lease_end: time + leaseTime }),
          ConditionExpression:
            "attribute_not_exists(pk) OR lease_end <= :now OR (#token = :abandoned AND lease_end = :end)",
          ExpressionAttributeNames: { "#token": "token" },
          ExpressionAttributeValues: marshall({
            ":now": time,
            // without one no token is equal
            ":abandoned": abandoned?.token ?? "",
            ":end": abandoned?.lease_end ?? 0,
          }),
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
          const stored = parseStored(StoredLock, unmarshall(thrown.Item), on);
          // our own attempt, whose answer was lost, has taken it
          if (stored.token === token) return lease(token);
          const { token: _, lease_end: end, ...heldBy } = stored;
          if (!isFromTheFuture(end, now(), leaseTime)) return { heldBy };
          notice(watchNotice(stored, end, leaseTime));
          const watched = await watchLease(stored, () => readItem(clients, table), leaseTime);
          if (watched === "renewed") return { heldBy };
          if (watched === "abandoned") abandoned = stored;
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
