import { once } from "node:events";
import { expect } from "chai";
import { describe, it } from "mocha";
import { CityCode, RunId } from "../../../runner/domain.ts";
import type { CityRecord } from "../../../runner/records.ts";
import { keepCityProgress } from "../../../runner/run/city-progress.ts";
import { citiesLine } from "../../../runner/stack/progress.ts";

const record: CityRecord = {
  run: RunId.parse("2026-11-22T090000Z-full"),
  city: CityCode.parse("C.12580"),
  state: "running",
  counts: { expected: 1818, changed: 0, unchanged: 0, skipped: 0, missing: 1818 },
  attempts: [],
  seconds: 0,
  why: "never published",
  remarks: [],
};

describe("the progress of a city", () => {
  /** A ledger that remembers, and says so. */
  function remembering() {
    const saved: CityRecord[] = [];
    const events = new EventTarget();
    const saveCity = async (entry: CityRecord) => {
      saved.push(entry);
      events.dispatchEvent(new Event("saved"));
    };
    return { saved, events, saveCity };
  }

  it("is written once for many plots", async () => {
    const ledger = remembering();
    const progress = keepCityProgress(ledger, record, 1);
    const first = once(ledger.events, "saved");
    for (let plot = 0; plot < 612; plot++) progress.plot();
    // the timer of the entry doesn't keep a process alive
    const alive = setTimeout(() => {}, 10_000);
    await first;
    clearTimeout(alive);
    await progress.end();
    expect(ledger.saved).to.deep.equal([{ ...record, drawn: 612 }]);
  });

  it("is never written after its end, and costs no run where the ledger can't be written", async () => {
    const ledger = remembering();
    const progress = keepCityProgress(ledger, record, 60_000);
    progress.plot();
    await progress.end();
    expect(ledger.saved).to.deep.equal([]);
    const broken = keepCityProgress({ saveCity: () => Promise.reject(new Error("locked")) }, record, 0);
    broken.plot();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await broken.end();
  });

  it("counts plots of cities at work beside those in place", () => {
    const counts = { expected: 1818, changed: 1800, unchanged: 18, skipped: 0, missing: 0 };
    const cities = [
      { ...record, drawn: 612 },
      { ...record, city: CityCode.parse("C.33100"), state: "published" as const, counts },
    ];
    expect(citiesLine(cities)).to.equal("1 of 2 cities done, 1 at work (C.12580); 2,430 of 3,636 plots");
  });
});
