/** The plots table in SQLite. */

import { z } from "zod";
import type { CityCode, ScenarioId } from "../../domain.ts";
import { partitionKey } from "../../layout.ts";
import { IndexRow } from "../../records.ts";
import type { PlotIndex } from "../ports.ts";
import { parseStored } from "../stored.ts";
import type { StateDatabase } from "./database.ts";

const columns = [
  "city_scenario",
  "outcome_stat_facet",
  "outcome",
  "statistic_type",
  "facet_choice",
  "s3_key",
  "file_size",
  "sha256",
  "created_at",
  "run_id",
  "image",
  "input_fingerprint",
] as const satisfies readonly (keyof IndexRow)[];

const select = `SELECT ${columns.join(", ")} FROM plots WHERE city_scenario = ? ORDER BY outcome_stat_facet`;
const put = `INSERT OR REPLACE INTO plots (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
const remove = "DELETE FROM plots WHERE city_scenario = ? AND outcome_stat_facet = ?";

const Partition = z.object({ city_scenario: z.string() });

/** The index over an open state database. `write` is one transaction: readers see all of it or nothing. */
export function openIndex(database: StateDatabase): PlotIndex {
  const partition = async (key: string): Promise<IndexRow[]> =>
    (await database.all(select, key)).map((row) =>
      parseStored(IndexRow, row, `${database.path}: row ${row["city_scenario"]} ${row["outcome_stat_facet"]}`),
    );

  return {
    rows: (city: CityCode, scenario: ScenarioId) => partition(partitionKey(city, scenario)),

    async *all() {
      // a partition at a time: whole in itself, and the memory of one
      const partitions = await database.all("SELECT DISTINCT city_scenario FROM plots ORDER BY city_scenario");
      for (const found of partitions) {
        // not yield*: that would wait once more for each row
        for (const row of await partition(Partition.parse(found).city_scenario)) yield row;
      }
    },

    async write(rows, removed = []) {
      if (rows.length === 0 && removed.length === 0) return;
      await database.transaction((transaction) => {
        for (const key of removed) transaction.run(remove, key.city_scenario, key.outcome_stat_facet);
        for (const row of rows) transaction.run(put, ...columns.map((column) => row[column]));
      });
    },
  };
}
