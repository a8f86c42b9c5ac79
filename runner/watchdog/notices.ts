/**
 * Notices: one item per incident in the table `runs`, written conditionally before the e-mail is sent and updated
 * afterwards. Only the invocation that writes the item sends the e-mail.
 */
import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { z } from "zod";
import { ledgerKeys, runsTable } from "../layout.ts";
import type { Clients } from "../stores/aws/client.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import { parseStored } from "../stores/stored.ts";
import { claimSeconds } from "./timing.ts";

/** The exclusive right to send the e-mail of an incident, for {@link claimSeconds}. */
export interface Claim {
  /** The e-mail was accepted. */
  sent(): Promise<void>;
  /** The e-mail was not accepted: another invocation may try at once. */
  giveUp(): Promise<void>;
}

export interface Notices {
  /**
   * @returns the claim; or that the e-mail was sent before, or that another invocation holds the claim, which expires
   *   if that invocation was interrupted
   */
  claim(incident: string, subject: string): Promise<Claim | "sent before" | "being sent">;
  /** Stores the time under this name unless one is stored already. @returns the stored time, ISO 8601 */
  remember(name: string, time: string): Promise<string>;
}

/** Notices expire a year after they were written, like everything in the ledger. */
const keptSeconds = 365 * 24 * 3600;

const StoredNotice = z.object({ token: z.string(), sent_at: z.string().optional() });
const StoredTime = z.object({ time: z.iso.datetime() });

/** @param now milliseconds since 1970 */
export function openNotices(clients: Pick<Clients, "dynamodb">, table: string, now: () => number): Notices {
  const { dynamodb } = clients;
  const on = `table ${table}, the watchdog's notices`;

  /** @returns the existing item if the condition failed */
  const putUnless = async (condition: string, item: Record<string, unknown>, values: Record<string, unknown>) => {
    const command = new PutItemCommand({
      TableName: table,
      Item: marshall(item),
      ConditionExpression: condition,
      ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: marshall(values) }),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await dynamodb.send(command);
      return undefined;
    } catch (thrown) {
      if (thrown instanceof ConditionalCheckFailedException && thrown.Item) return unmarshall(thrown.Item);
      throw awsFailure({ action: "dynamodb:PutItem", on }, thrown);
    }
  };

  /** Changes the item only while its token is ours, so that a late call does not change the claim of another invocation. */
  const update = async (incident: string, token: string, expression: string, values: Record<string, unknown>) => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: marshall(ledgerKeys.notice(incident)),
      UpdateExpression: expression,
      ConditionExpression: "#token = :token",
      ExpressionAttributeNames: { "#token": "token" },
      ExpressionAttributeValues: marshall({ ...values, ":token": token }),
    });
    await dynamodb.send(command).catch((thrown: unknown) => {
      if (thrown instanceof ConditionalCheckFailedException) return;
      throw awsFailure({ action: "dynamodb:UpdateItem", on }, thrown);
    });
  };

  return {
    async claim(incident, subject) {
      const token = randomUUID();
      const time = now();
      const item = {
        ...ledgerKeys.notice(incident),
        subject,
        token,
        claimed_until: time + claimSeconds * 1000,
        [runsTable.expires]: Math.floor(time / 1000) + keptSeconds,
      };
      const unsent = "attribute_not_exists(pk) OR (attribute_not_exists(sent_at) AND claimed_until <= :now)";
      const found = await putUnless(unsent, item, { ":now": time });
      if (found !== undefined) {
        const theirs = parseStored(StoredNotice, found, on);
        if (theirs.sent_at !== undefined) return "sent before";
        // with our token, an earlier attempt of this call wrote the item and its answer was lost
        if (theirs.token !== token) return "being sent";
      }
      return {
        sent: () => update(incident, token, "SET sent_at = :at", { ":at": new Date(now()).toISOString() }),
        giveUp: () => update(incident, token, "SET claimed_until = :none", { ":none": 0 }),
      };
    },

    async remember(name, time) {
      const found = await putUnless("attribute_not_exists(pk)", { ...ledgerKeys.notice(name), time }, {});
      return found === undefined ? time : parseStored(StoredTime, found, on).time;
    },
  };
}
