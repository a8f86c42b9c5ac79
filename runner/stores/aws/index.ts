/** The plots table in DynamoDB. */
import { type AttributeValue, paginateQuery, paginateScan, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { CityCode, ScenarioId } from "../../domain.ts";
import { partitionKey, plotsTable } from "../../layout.ts";
import { IndexRow } from "../../records.ts";
import type { PlotIndex } from "../ports.ts";
import { parseStored } from "../stored.ts";
import { writeBatches } from "./batches.ts";
import type { Clients } from "./client.ts";
import { awsFailure } from "./failure.ts";

type RowKey = Pick<IndexRow, "city_scenario" | "outcome_stat_facet">;

/**
 * The index over a table. Reads are consistent: a run reads what it has just written. `write` is many batches, each of
 * which may be seen before the next: whole plots always, a city's rows within a second or two of each other.
 */
export function openIndex(clients: Pick<Clients, "dynamodb" | "again">, table: string): PlotIndex {
  const { dynamodb: client } = clients;

  const row = (item: Record<string, AttributeValue>): IndexRow => {
    const value = unmarshall(item);
    const [partition, sort] = [value[plotsTable.partition], value[plotsTable.sort]];
    return parseStored(IndexRow, value, `table ${table}: row ${partition} ${sort}`);
  };

  return {
    async rows(city: CityCode, scenario: ScenarioId) {
      const found: IndexRow[] = [];
      const query = {
        TableName: table,
        KeyConditionExpression: "#partition = :partition",
        ExpressionAttributeNames: { "#partition": plotsTable.partition },
        ExpressionAttributeValues: marshall({ ":partition": partitionKey(city, scenario) }),
        ConsistentRead: true,
      };
      try {
        for await (const page of paginateQuery({ client }, query)) found.push(...(page.Items ?? []).map(row));
      } catch (thrown) {
        throw awsFailure({ action: "dynamodb:Query", on: `table ${table}` }, thrown);
      }
      return found;
    },

    async *all() {
      try {
        for await (const page of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
          // not yield*: that would wait once more for each row
          for (const item of page.Items ?? []) yield row(item);
        }
      } catch (thrown) {
        throw awsFailure({ action: "dynamodb:Scan", on: `table ${table}` }, thrown);
      }
    },

    async write(rows, removed = []) {
      // a key may be in a batch only once; what is put wins, and the last of the same key, as in a transaction
      const requests = new Map<string, WriteRequest>();
      for (const key of removed) requests.set(name(key), { DeleteRequest: { Key: marshall(keyOf(key)) } });
      for (const item of rows) requests.set(name(item), { PutRequest: { Item: marshall(item) } });
      await writeBatches(clients, table, [...requests.values()]);
    },
  };
}

function keyOf({ city_scenario, outcome_stat_facet }: RowKey): RowKey {
  return { city_scenario, outcome_stat_facet };
}

function name(key: RowKey): string {
  return `${key.city_scenario} ${key.outcome_stat_facet}`;
}
