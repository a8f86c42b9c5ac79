/** Runs and their cities in SQLite: each record is JSON beside the columns it is found by. */
import type { RunId } from "../../domain.ts";
import { CityRecord, RunRecord } from "../../records.ts";
import type { Ledger } from "../ports.ts";
import { parseStoredJson } from "../stored.ts";
import type { Row, StateDatabase } from "./database.ts";

/** As `newestFirst` of `run-order.ts` sorts. A record that is no JSON is refused when it is read, not here. */
const newestRuns = `SELECT id, record FROM runs
  ORDER BY iif(json_valid(record), coalesce(json_extract(record, '$.sequence'), 0), 0) DESC, id DESC LIMIT ?`;
/** SQLite's LIMIT for no limit. */
const everyRow = -1;

/** The ledger over an open state database. */
export function openLedger(database: StateDatabase): Ledger {
  const run = (row: Row): RunRecord => parseStoredJson(RunRecord, row["record"], `${database.path}: run ${row["id"]}`);

  return {
    async begin(record) {
      return database.transaction(
        (transaction) =>
          transaction.run(
            "INSERT INTO runs (id, record) VALUES (?, ?) ON CONFLICT DO NOTHING",
            record.id,
            JSON.stringify(record),
          ) === 1,
      );
    },

    async saveRun(record) {
      await database.transaction((transaction) =>
        transaction.run("INSERT OR REPLACE INTO runs (id, record) VALUES (?, ?)", record.id, JSON.stringify(record)),
      );
    },

    async saveCity(record) {
      await database.transaction((transaction) =>
        transaction.run(
          "INSERT OR REPLACE INTO cities (run, city, record) VALUES (?, ?, ?)",
          record.run,
          record.city,
          JSON.stringify(record),
        ),
      );
    },

    async run(id: RunId) {
      const row = await database.get("SELECT id, record FROM runs WHERE id = ?", id);
      return row === undefined ? undefined : run(row);
    },

    async runs(limit) {
      return (await database.all(newestRuns, limit ?? everyRow)).map(run);
    },

    async cities(id: RunId) {
      const rows = await database.all("SELECT city, record FROM cities WHERE run = ? ORDER BY city", id);
      return rows.map((row) =>
        parseStoredJson(CityRecord, row["record"], `${database.path}: run ${id}, city ${row["city"]}`),
      );
    },
  };
}
