/** What a state database belongs to: the model whose plots it lists, its catalog file and the program that draws. */
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

/** What drew a state's plots, as far as it is known. */
export interface Belongings {
  /** The catalog's file; absolute. */
  readonly catalog: string;
  /** The program's command or image, as it was written; undefined leaves what is recorded. */
  readonly program?: string | undefined;
}

const Text = z.object({ value: z.string() }).optional();

/** Records what the state was last used with. */
export function recordBelongings(database: StateDatabase, { catalog, program }: Belongings): Promise<void> {
  return database.transaction((transaction) => {
    for (const [name, value] of Object.entries({ catalog, program })) {
      if (value === undefined) continue;
      // a record that is right is not written again: commands that only look then write nothing
      if (Text.parse(transaction.get("SELECT value FROM meta WHERE name = ?", name))?.value === value) continue;
      transaction.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, value);
    }
  });
}

/** What the state was last used with; a state of an earlier version does not know. */
export async function readBelongings(database: StateDatabase): Promise<Partial<Belongings>> {
  const read = async (name: string) =>
    Text.parse(await database.get("SELECT value FROM meta WHERE name = ?", name))?.value;
  const [catalog, program] = [await read("catalog"), await read("program")];
  return { ...(catalog !== undefined && { catalog }), ...(program !== undefined && { program }) };
}
