import { expect } from "chai";
import { describe, it } from "mocha";
import type { PlotId } from "../../../runner/domain.ts";
import { describeMissing } from "../../../runner/report/missing.ts";
import { plotId } from "../../support/plots.ts";

const expected: PlotId[] = ["cessation", "brief"].flatMap((scenario) =>
  ["incidence", "suppression"].flatMap((outcome) =>
    ["mean", "median"].flatMap((statistic) =>
      ["none", "age", "race+risk"].map((facet) => plotId({ scenario, outcome, statistic, facet })),
    ),
  ),
);

function missing(keep: (plot: PlotId) => boolean): string {
  return describeMissing(expected.filter(keep), expected);
}

describe("missing plots in words", () => {
  it("are all, a whole scenario, or a whole outcome", () => {
    expect(missing(() => true)).to.equal("all");
    expect(missing(({ scenario }) => scenario === "brief")).to.equal("everything under brief");
    expect(missing(({ outcome }) => outcome === "suppression")).to.equal("suppression (all)");
  });

  it("are an outcome by a facet, with the statistics and scenarios where not all are missing", () => {
    expect(missing(({ outcome, facet }) => outcome === "suppression" && facet === "race+risk")).to.equal(
      "suppression x race+risk (all statistics)",
    );
    expect(
      missing(
        (plot) =>
          plot.outcome === "suppression" &&
          plot.facet === "age" &&
          plot.statistic === "mean" &&
          plot.scenario === "brief",
      ),
    ).to.equal("suppression x age (mean; brief)");
  });

  it("are cut where there are too many groups, and the cut is counted", () => {
    expect(missing(({ statistic }) => statistic === "mean")).to.match(/ and 2 more groups$/);
  });
});
