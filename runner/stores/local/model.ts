/** The model whose plots a state database lists. */
import { z } from "zod";
import { ModelId } from "../../domain.ts";
import type { StateDatabase } from "./database.ts";

const Model = z.object({ value: ModelId }).optional();

/** The model whose plots this database lists, if any was recorded. */
export async function readModel(database: StateDatabase): Promise<ModelId | undefined> {
  return Model.parse(await database.get("SELECT value FROM meta WHERE name = 'model'"))?.value;
}

/** Records the model where none is recorded yet. @returns the model that is recorded then */
export function recordModel(database: StateDatabase, model: ModelId): Promise<ModelId> {
  return database.transaction((transaction) => {
    transaction.run("INSERT OR IGNORE INTO meta (name, value) VALUES ('model', ?)", model);
    return Model.parse(transaction.get("SELECT value FROM meta WHERE name = 'model'"))?.value ?? model;
  });
}
