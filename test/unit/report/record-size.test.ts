import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { CityRecord, type EndKind, ReasonKind } from "../../../runner/records.ts";
import { boundCityRecord, maxCityRecordBytes } from "../../../runner/report/record-size.ts";
import { cityResult, cityUnderWay, notRendered } from "../../../runner/run/city-result.ts";
import { plotId } from "../../support/plots.ts";
import { cityRecord, runId } from "../../support/samples.ts";

const bytesOf = (record: CityRecord) => Buffer.byteLength(JSON.stringify(record));
const long = fc.oneof(
  fc.string({ unit: "binary", maxLength: 50 }),
  fc.constantFrom("x", "é", "東", "\u001b[31m", "\0", "\\", '"', "\ud800", "\n").map((unit) => unit.repeat(20_000)),
);
const longs = fc.array(long, { maxLength: 40, size: "max" });

describe("a city's record", () => {
  it("stays far below what DynamoDB takes, whatever R wrote and however often it was started", () => {
    fc.assert(
      fc.property(long, long, long, longs, longs, longs, (why, reason, missing, lastLines, remarks, ends) => {
        const attempts = ends.map((end, n) => ({ number: n + 1, seconds: 1, end, plots: 0 }));
        const record = cityRecord(runId(1), "C.1", { why, reason, missing, lastLines, remarks, attempts });
        const bounded = boundCityRecord(record);
        expect(bytesOf(bounded)).to.be.below(maxCityRecordBytes);
        expect(bounded.attempts.at(-1)?.number).to.equal(record.attempts.at(-1)?.number);
        expect(boundCityRecord(bounded)).to.deep.equal(bounded);
        expect(CityRecord.parse(JSON.parse(JSON.stringify(bounded)))).to.deep.equal(bounded);
      }),
      { numRuns: 50 },
    );
  });

  it("keeps ordinary words as they are", () => {
    const record = cityRecord(runId(1), "C.1", {
      reason: "R stopped with an error (exit 2): x",
      lastLines: ["  a", "b"],
    });
    expect(boundCityRecord(record)).to.deep.equal(record);
  });

  it("is read where an earlier version wrote it, without kinds", () => {
    const earlier = { ...cityRecord(runId(1), "C.1"), state: "failed", reason: "R was killed for memory (exit 137)" };
    expect(CityRecord.parse(earlier).reasonKind).to.equal(undefined);
  });
});

describe("why a city's plots are missing, as a program reads it", () => {
  const plots = ["none", "sex", "age"].map((facet) => plotId({ facet }));
  const plan = {
    city: plotId().city,
    inputs: { baseline: undefined, scenarios: new Map() },
    expected: plots,
    due: plots,
    current: [],
    unavailable: [],
    fingerprints: new Map(),
    why: "w".repeat(500_000),
  };
  const recordOf = (change: Partial<typeof notRendered>, unavailable: readonly string[] = []) => {
    const absent = unavailable.map((reason, n) => ({ plot: plots[n] ?? plotId(), reason }));
    return cityResult(runId(1), { ...plan, unavailable: absent }, [], { ...notRendered, ...change }).record;
  };

  it("is the kind of R's end, beside words", () => {
    const kinds: readonly EndKind[] = ["out-of-memory", "timed-out", "exited"];
    for (const kind of kinds) {
      expect(recordOf({ reason: { kind, text: "words" } })).to.include({ reasonKind: kind, reason: "words" });
    }
  });

  it("tells inputs that are missing, figures that were refused and a run that was stopped apart", () => {
    const refused = new Map([["C.12580/cessation/incidence_mean.and.interval_unfaceted", "the figure has no traces"]]);
    const kinds = [
      recordOf({}, ["baseline missing: a.Rdata", "baseline missing: a.Rdata", "baseline missing: a.Rdata"]),
      recordOf({ refused }),
      recordOf({ interrupted: true, reason: { kind: "killed", text: "R was killed" } }),
      recordOf({}),
    ].map(({ reasonKind }) => reasonKind);
    expect(kinds).to.deep.equal(["input-missing", "refused", "interrupted", "not-drawn"]);
    for (const kind of kinds) expect(ReasonKind.options).to.include(kind);
  });

  it("comes in a record that is small even where the plan's words and names of files are long", () => {
    const extras = Array.from({ length: 5_000 }, (_, n) => `\u001b[31m${"a".repeat(5_000)}${n}`);
    const record = recordOf({ extras, reason: { kind: "exited", text: "x".repeat(1_000_000) } });
    expect(bytesOf(record)).to.be.below(maxCityRecordBytes);
    expect(record.remarks.join()).to.include("5,000 files nobody asked for").and.not.include("\u001b");
    expect(bytesOf(cityUnderWay(runId(1), plan, "running"))).to.be.below(maxCityRecordBytes);
  });
});
