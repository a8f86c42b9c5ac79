/** What runs left in their stores. */
import type { CityRecord, IndexRow, RunRecord } from "../../runner/records.ts";
import type { OpenStores } from "../../runner/stores/ports.ts";

/** What the stores hold, read after the fact. */
export interface State {
  /** Newest first. */
  readonly runs: RunRecord[];
  /** Of the newest run. */
  readonly cities: CityRecord[];
  readonly rows: IndexRow[];
}

/** Reads the stores and closes them. */
export async function readState(stores: OpenStores): Promise<State> {
  try {
    const runs = await stores.ledger.runs(100);
    const [latest] = runs;
    const rows: IndexRow[] = [];
    for await (const row of stores.index.all()) rows.push(row);
    return { runs, cities: latest === undefined ? [] : await stores.ledger.cities(latest.id), rows };
  } finally {
    await stores.close();
  }
}
