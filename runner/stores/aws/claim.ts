/** One stack serves one catalog: the first model that a stack sees is written down, any other is refused. */
import { ConditionalCheckFailedException, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { z } from "zod";
import type { ModelId } from "../../domain.ts";
import { UsageError } from "../../errors.ts";
import { ledgerKeys } from "../../layout.ts";
import { parseStored } from "../stored.ts";
import type { Clients } from "./client.ts";
import { awsFailure } from "./failure.ts";

const Claim = z.object({ model: z.string() });

/** @throws {UsageError} when the stack belongs to another model: its plots would be pruned as nobody's */
export async function claimStack(
  { dynamodb }: Pick<Clients, "dynamodb">,
  { stack, table, model }: { readonly stack: string; readonly table: string; readonly model: ModelId },
): Promise<void> {
  const on = `table ${table}, the stack's model`;
  const command = new PutItemCommand({
    TableName: table,
    Item: marshall({ ...ledgerKeys.model, model }),
    ConditionExpression: "attribute_not_exists(pk) OR model = :model",
    ExpressionAttributeValues: marshall({ ":model": model }),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  try {
    await dynamodb.send(command);
  } catch (thrown) {
    if (!(thrown instanceof ConditionalCheckFailedException) || thrown.Item === undefined) {
      throw awsFailure({ action: "dynamodb:PutItem", on }, thrown);
    }
    const owner = parseStored(Claim, unmarshall(thrown.Item), on).model;
    throw new UsageError(
      `the stack ${stack} holds the plots of the model \`${owner}\`, not of \`${model}\`: one stack serves one catalog. ` +
        "Name its own with --catalog FILE, or deploy another stack for this one",
    );
  }
}
