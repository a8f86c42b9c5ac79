/** Runs and their cities in DynamoDB. `docs/aws-stores.md` has the layout of the table. */
import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { z } from "zod";
import type { RunId } from "../../domain.ts";
import { ledgerKeys, runsPartition, runsTable } from "../../layout.ts";
import { CityRecord, RunRecord } from "../../records.ts";
import { newestFirst } from "../../run-order.ts";
import type { Ledger } from "../ports.ts";
import { parseStored } from "../stored.ts";
import type { Clients } from "./client.ts";
import { awsFailure } from "./failure.ts";

export interface LedgerOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Entries go a year after they were last written, as the objects below `runs/` do; those of pinned runs stay. */
const keptSeconds = 365 * 24 * 3600;

type Item = Record<string, AttributeValue>;
interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** The ledger over a table. Reads are consistent. */
export function openLedger(clients: Pick<Clients, "dynamodb">, table: string, options: LedgerOptions = {}): Ledger {
  const { dynamodb: client } = clients;
  const { now = Date.now } = options;

  const item = (key: ItemKey, record: RunRecord | CityRecord, more: { readonly claim?: string } = {}): Item => {
    const stays = "pinned" in record && record.pinned !== undefined;
    const expires = stays ? {} : { [runsTable.expires]: Math.floor(now() / 1000) + keptSeconds };
    return marshall({ ...record, ...key, ...expires, ...more }, { removeUndefinedValues: true });
  };

  const save = async (key: ItemKey, record: RunRecord | CityRecord): Promise<void> => {
    const command = new PutItemCommand({ TableName: table, Item: item(key, record) });
    await client.send(command).catch((thrown: unknown) => {
      throw awsFailure({ action: "dynamodb:PutItem", on: `table ${table}` }, thrown);
    });
  };

  const query = async (partition: string): Promise<Item[]> => {
    const found: Item[] = [];
    const input = {
      TableName: table,
      KeyConditionExpression: "pk = :partition",
      ExpressionAttributeValues: marshall({ ":partition": partition }),
      ConsistentRead: true,
    };
    try {
      for await (const page of paginateQuery({ client }, input)) {
        found.push(...(page.Items ?? []));
      }
    } catch (thrown) {
      throw awsFailure({ action: "dynamodb:Query", on: `table ${table}` }, thrown);
    }
    return found;
  };

  const read = <T extends z.ZodType>(schema: T, stored: Item, name: (key: string) => string): z.infer<T> => {
    const value = unmarshall(stored);
    return parseStored(schema, value, `table ${table}: ${name(String(value[runsTable.sort]))}`);
  };
  const readRun = (stored: Item): RunRecord => read(RunRecord, stored, (sk) => `run ${sk}`);

  return {
    async begin(record) {
      const claim = randomUUID();
      const command = new PutItemCommand({
        TableName: table,
        Item: item(ledgerKeys.run(record.id), record, { claim }),
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      try {
        await client.send(command);
        return true;
      } catch (thrown) {
        if (!(thrown instanceof ConditionalCheckFailedException)) {
          throw awsFailure({ action: "dynamodb:PutItem", on: `table ${table}` }, thrown);
        }
        // written by our own attempt, whose answer was lost: a run that took itself for its duplicate would never run
        return thrown.Item !== undefined && unmarshall(thrown.Item)["claim"] === claim;
      }
    },

    saveRun: (record) => save(ledgerKeys.run(record.id), record),

    saveCity: (record) => save(ledgerKeys.city(record.run, record.city), record),

    async run(id: RunId) {
      const command = new GetItemCommand({ TableName: table, Key: marshall(ledgerKeys.run(id)), ConsistentRead: true });
      const { Item: found } = await client.send(command).catch((thrown: unknown) => {
        throw awsFailure({ action: "dynamodb:GetItem", on: `table ${table}` }, thrown);
      });
      return found === undefined ? undefined : readRun(found);
    },

    async runs(limit) {
      if (limit === 0) return [];
      // the table's sort key is the id, which follows the clock: the order of runs is known once all are read
      return (await query(runsPartition)).map(readRun).sort(newestFirst).slice(0, limit);
    },

    async cities(id: RunId) {
      const found = await query(ledgerKeys.cities(id));
      return found.map((stored) => read(CityRecord, stored, (sk) => `run ${id}, ${sk.replace("#", " ")}`));
    },
  };
}
