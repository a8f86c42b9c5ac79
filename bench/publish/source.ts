/** What is published in the measurements: rows of a local state, in the order of its index. */
import type { IndexRow } from "../../runner/records.ts";
import { openDatabase } from "../../runner/stores/local/database.ts";
import { homePaths } from "../../runner/stores/local/home.ts";
import { openIndex } from "../../runner/stores/local/index.ts";

/** @returns the first `limit` rows @throws where the state has fewer */
export async function readRows(home: string, limit: number): Promise<IndexRow[]> {
  const database = await openDatabase(homePaths(home).database);
  const rows: IndexRow[] = [];
  try {
    for await (const row of openIndex(database).all()) {
      rows.push(row);
      if (rows.length === limit) return rows;
    }
  } finally {
    database.close();
  }
  throw new Error(`${home} has ${rows.length} plots, ${limit} are wanted: run make bench first, which draws them`);
}
