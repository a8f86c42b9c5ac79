import { expect } from "chai";
import { describe, it } from "mocha";
import { plotsTable } from "../../runner/layout.ts";
import { indexRow, plot, sha } from "../support/samples.ts";

describe("keys of the tables", () => {
  it("of plots are attributes of every row", () => {
    const row = indexRow(plot("C.12580", "sex"), sha("a"));
    expect(row[plotsTable.partition]).to.equal("C.12580#cessation");
    expect(row[plotsTable.sort]).to.equal("incidence#mean.and.interval#sex");
  });
});
