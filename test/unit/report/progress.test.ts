import { expect } from "chai";
import { describe, it } from "mocha";
import { CityCode, RunId } from "../../../runner/domain.ts";
import type { CityRecord } from "../../../runner/records.ts";
import { endLine, frame, newProgress, notDrawn, overview } from "../../../runner/report/progress.ts";
import { plotId } from "../../support/plots.ts";

const baltimore = CityCode.parse("C.12580");
const boston = CityCode.parse("C.14460");
const names = new Map([
  [baltimore, "Baltimore"],
  [boston, "Boston"],
]);

function planOf(city: CityCode, due: number, why = "") {
  return {
    city,
    inputs: { baseline: undefined, scenarios: new Map() },
    expected: [],
    due: Array.from({ length: due }, () => plotId()),
    current: [],
    unavailable: [],
    fingerprints: new Map(),
    why,
  };
}

function progressOf(due: number) {
  return newProgress([planOf(baltimore, due), planOf(boston, due)], (city) => names.get(city) ?? city, 0);
}

describe("progress", () => {
  it("says once why several cities are not drawn, and leaves a single one and those that are drawn alone", () => {
    const without = ["C.1", "C.2", "C.3"].map((code) =>
      planOf(CityCode.parse(code), 0, `baseline missing: ${code}_base.Rdata`),
    );
    const plans = [planOf(baltimore, 3, "never published"), ...without, planOf(boston, 0, "nothing changed")];
    expect(notDrawn(plans)).to.deep.equal([
      { cities: ["C.1", "C.2", "C.3"], line: "3 cities not drawn: baseline missing: <city>_base.Rdata" },
    ]);
  });

  it("counts plots and cities, and estimates what is left once there is something to go by", () => {
    const progress = progressOf(100);
    expect(overview(progress, 10_000)).to.equal("0 of 200 plots, 0 of 2 cities, 10 s");
    Object.assign(progress.cities.get(baltimore) ?? {}, { state: "running", done: 50 });
    expect(overview(progress, 10_000)).to.equal("50 of 200 plots, 0 of 2 cities, 10 s, about 30 s left");
    Object.assign(progress.cities.get(baltimore) ?? {}, { state: "partial", refused: 2 });
    expect(overview(progress, 20_000)).to.equal("100 of 200 plots, 2 refused, 1 of 2 cities, 20 s, about 20 s left");
  });

  it("shows a line for each city at work, cut to the width of the terminal", () => {
    const progress = progressOf(100);
    Object.assign(progress.cities.get(boston) ?? {}, { state: "running", done: 50, attempt: 2 });
    const [line = "", summary] = frame(progress, 4000, 200).split("\n");
    expect(line).to.match(/^ {2}C\.14460 Boston {2}━{12}·{12} {2}50\/100 {2}4 s {2}attempt 2$/);
    expect(summary).to.include("50 of 200 plots");
    for (const cut of frame(progress, 4000, 20).split("\n")) expect(cut.length).to.be.at.most(20);
  });

  it("says of each city what became of it, and why", () => {
    const record: CityRecord = {
      run: RunId.parse("2026-11-22T090000Z-test"),
      city: baltimore,
      state: "partial",
      counts: { expected: 27, changed: 24, unchanged: 0, skipped: 0, missing: 3 },
      attempts: [{ number: 1, seconds: 12, end: "exit 1", plots: 24 }],
      seconds: 12,
      why: "never published",
      reason: "R reported errors",
      remarks: [],
    };
    expect(endLine(record, "Baltimore")).to.match(
      /^C\.12580 Baltimore +partial +3 of 27 missing: R reported errors {2}12 s$/,
    );
    expect(endLine({ ...record, state: "skipped", attempts: [], why: "nothing changed" }, "Baltimore")).to.match(
      /skipped +nothing changed$/,
    );
  });
});
