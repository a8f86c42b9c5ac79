/** Puts right what a run that was killed left in the ledger. Only called under the lock, when none can be alive. */
import type { RunId } from "../domain.ts";
import type { Ledger } from "../stores/ports.ts";

const looksBack = 20;

/**
 * Marks runs that the ledger still calls running as failed, and their unfinished cities as never finished.
 * @param own the run that is beginning
 * @returns a sentence for each such run
 */
export async function recoverDeadRuns(ledger: Ledger, own: RunId): Promise<string[]> {
  const remarks: string[] = [];
  for (const run of await ledger.runs(looksBack)) {
    if (run.state !== "running" || run.id === own) continue;
    for (const city of await ledger.cities(run.id)) {
      if (city.state !== "running" && city.state !== "pending") continue;
      await ledger.saveCity({ ...city, state: "pending", reason: "the run was killed before this city was finished" });
    }
    await ledger.saveRun({
      ...run,
      state: "failed",
      ended: new Date().toISOString(),
      error: "the run was killed (no word from its process); cities it had finished stay published",
    });
    remarks.push(`Run ${run.id} had been killed; its ledger was put right. Its unfinished cities are part of no run.`);
  }
  return remarks;
}
