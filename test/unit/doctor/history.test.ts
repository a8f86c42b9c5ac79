import { expect } from "chai";
import { describe, it } from "mocha";
import { checkHistory } from "../../../runner/doctor/history.ts";
import { sampleDeployment } from "../../support/deployment.ts";
import { cityRecord, runId, runRecord } from "../../support/samples.ts";

/** A run of so many minutes; the sample's longest life is two hours. */
const run = (minutes: number) =>
  runRecord(runId(2), { ended: new Date(Date.parse("2020-11-02T09:00:00Z") + minutes * 60_000).toISOString() });

describe("a task's size, judged by the latest runs", () => {
  it("is enough where nothing speaks against it", () => {
    expect(checkHistory(sampleDeployment, [run(40)], [cityRecord(runId(2), "C.12580")])).to.include({
      state: "ok",
      detail: "2 cores, 8 GiB; the longest run took 40 min of at most 2 h",
    });
    expect(checkHistory(sampleDeployment, [], []).detail).to.equal("2 cores, 8 GiB; no run yet to judge by");
  });

  it("is too small where R ran out of memory, though a later attempt succeeded", () => {
    const attempts = [
      { number: 1, seconds: 20, end: "any words", endKind: "out-of-memory" as const, plots: 0 },
      { number: 2, seconds: 30, end: "exit 0", plots: 3 },
    ];
    const found = checkHistory(sampleDeployment, [run(40)], [cityRecord(runId(2), "C.12580", { attempts })]);
    expect(found).to.include({ state: "warn" });
    expect(found.detail).to.include("R ran out of memory in 1 of the latest 2 starts (C.12580)");
    expect(found.remedy).to.include("pulumi config set memory");
  });

  it("is cut short soon where a run takes most of its longest life", () => {
    const found = checkHistory(sampleDeployment, [run(20), run(100)], []);
    expect(found).to.include({ state: "warn" });
    expect(found.detail).to.include("a run took 1 h 40 min of at most 2 h");
  });
});
