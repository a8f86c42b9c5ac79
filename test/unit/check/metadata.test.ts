import { expect } from "chai";
import { describe, it } from "mocha";
import { checkMetadata } from "../../../runner/check/metadata.ts";
import { DimensionId } from "../../../runner/domain.ts";
import { plotId } from "../../support/plots.ts";

const dimensions = ["age", "race", "sex"].map((id) => DimensionId.parse(id));
const plot = plotId({ facet: "age+sex" });
const said = {
  city: "C.12580",
  scenario: "cessation",
  outcome: "incidence",
  statistic_type: "mean.and.interval",
  facet_choice: "age+sex",
};

describe("a plot's metadata", () => {
  it("agrees with the plot that was asked for", () => {
    expect(checkMetadata(JSON.stringify(said), plot, dimensions)).to.deep.equal({ valid: true, quirks: [] });
  });

  it("may have every value in an array of one, and the facet as a list or in any order", () => {
    const arrays = Object.fromEntries(Object.entries(said).map(([key, value]) => [key, [value]]));
    expect(checkMetadata(JSON.stringify(arrays), plot, dimensions)).to.deep.equal({
      valid: true,
      quirks: ["metadata values in one-element arrays"],
    });
    for (const facet_choice of ["sex+age", ["age", "sex"]]) {
      expect(checkMetadata(JSON.stringify({ ...said, facet_choice }), plot, dimensions).valid).to.equal(true);
    }
  });

  it("that says another outcome was drawn refuses the plot", () => {
    const verdict = checkMetadata(JSON.stringify({ ...said, outcome: "testing" }), plot, dimensions);
    expect(verdict.valid ? "" : verdict.reason).to.include('"testing"');
  });

  it("that says another city or facet was drawn refuses the plot", () => {
    expect(checkMetadata(JSON.stringify({ ...said, city: "C.33100" }), plot, dimensions).valid).to.equal(false);
    expect(checkMetadata(JSON.stringify({ ...said, facet_choice: "age" }), plot, dimensions).valid).to.equal(false);
    expect(checkMetadata(JSON.stringify({ ...said, facet_choice: null }), plot, dimensions).valid).to.equal(false);
  });

  it("that is missing is a habit, one that cannot be read is not", () => {
    expect(checkMetadata(undefined, plot, dimensions)).to.deep.equal({
      valid: true,
      quirks: ["metadata file missing"],
    });
    expect(checkMetadata("{", plot, dimensions).valid).to.equal(false);
  });
});
