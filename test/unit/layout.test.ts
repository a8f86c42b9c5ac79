import { expect } from "chai";
import { describe, it } from "mocha";
import { ledgerKeys, plotsTable, runsPartition, runsTable } from "../../runner/layout.ts";
import { city, indexRow, plot, runId, sha } from "../support/samples.ts";

describe("keys of the tables", () => {
  it("of plots are attributes of every row", () => {
    const row = indexRow(plot("C.12580", "sex"), sha("a"));
    expect(row[plotsTable.partition]).to.equal("C.12580#cessation");
    expect(row[plotsTable.sort]).to.equal("incidence#mean.and.interval#sex");
  });

  it("of runs, cities and the lock are these, and what is stored stays where it is", () => {
    expect(runsTable).to.deep.equal({ partition: "pk", sort: "sk", expires: "expires_at" });
    expect(ledgerKeys.run(runId(22))).to.deep.equal({ pk: "runs", sk: "2020-11-22T090000Z-full" });
    expect(ledgerKeys.city(runId(22), city("C.12580"))).to.deep.equal({
      pk: "run#2020-11-22T090000Z-full",
      sk: "city#C.12580",
    });
    expect(ledgerKeys.lock).to.deep.equal({ pk: "lock", sk: "lock" });
    expect(ledgerKeys.cities(runId(22))).to.equal(ledgerKeys.city(runId(22), city("C.1")).pk);
    expect(runsPartition).to.equal(ledgerKeys.run(runId(1)).pk);
  });
});
