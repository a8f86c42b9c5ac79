/** Which run's plots the index is meant to show. */
import type { RunRecord } from "../records.ts";
import type { Ledger } from "../stores/ports.ts";

const looksBack = 100;

/** When a run last determined the rows: when it began, or when the rows were put back to it. */
function determinedAt(run: RunRecord): number {
  return Math.max(...[run.started, ...(run.rollbacks ?? [])].map((time) => Date.parse(time)));
}

/** The run that last touched the rows, were it by a rollback to it; undefined in an empty ledger. Pure. */
function latestOf(runs: readonly RunRecord[]): RunRecord | undefined {
  return runs.reduce<RunRecord | undefined>(
    (latest, run) => (latest === undefined || determinedAt(run) > determinedAt(latest) ? run : latest),
    undefined,
  );
}

/** As {@link latestOf}, of the ledger's last hundred runs. */
export async function latestRun(ledger: Ledger): Promise<RunRecord | undefined> {
  return latestOf(await ledger.runs(looksBack));
}
