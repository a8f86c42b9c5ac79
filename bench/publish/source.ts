/** What is published in the measurements: rows of a local state, in the order of its index. */
import type { IndexRow } from "../../runner/records.ts";
import { openDatabase } from "../../runner/stores/local/database.ts";
import { homePaths } from "../../runner/stores/local/home.ts";
import { openIndex } from "../../runner/stores/local/index.ts";

/** The first `limit` rows, a city at a time. @throws where the state has fewer */
export async function* readCities(home: string, limit: number): AsyncGenerator<readonly IndexRow[]> {
  const database = await openDatabase(homePaths(home).database);
  let left = limit;
  let city: IndexRow[] = [];
  try {
    for await (const row of openIndex(database).all()) {
      if (left === 0) break;
      if (cityOf(row) !== cityOf(city[0] ?? row)) {
        yield city;
        city = [];
      }
      city.push(row);
      left -= 1;
    }
    if (left > 0) {
      throw new Error(`${home} has ${limit - left} plots, ${limit} are wanted: run make bench first, which draws them`);
    }
    yield city;
  } finally {
    database.close();
  }
}

export async function readRows(home: string, limit: number): Promise<IndexRow[]> {
  const rows: IndexRow[] = [];
  for await (const city of readCities(home, limit)) rows.push(...city);
  return rows;
}

function cityOf({ city_scenario: key }: IndexRow): string | undefined {
  return key.split("#")[0];
}
