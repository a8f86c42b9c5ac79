/** Tells other processes how far a city is: its entry in the ledger says every few seconds how many plots are drawn. */
import type { CityRecord } from "../records.ts";
import type { Ledger } from "../stores/ports.ts";

export interface CityProgressEntry {
  /** One more plot was drawn. */
  plot(): void;
  /** Ends it, and waits for what is being written: the entry of the city's end must come after that. */
  end(): Promise<void>;
}

/**
 * @param record the entry of a city at work
 * @param milliseconds from a plot to the entry that counts it. Default 2 s.
 */
export function keepCityProgress(
  ledger: Pick<Ledger, "saveCity">,
  record: CityRecord,
  milliseconds = 2_000,
): CityProgressEntry {
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  const save = () => {
    // best effort: a ledger that can't be written is told of by the entry of the city's end
    writing = ledger.saveCity({ ...record, drawn }).catch(() => {});
    void writing.then(() => {
      timer = undefined;
    });
  };
  return {
    plot() {
      drawn += 1;
      timer ??= setTimeout(save, milliseconds).unref();
    },
    async end() {
      clearTimeout(timer);
      await writing;
    },
  };
}
