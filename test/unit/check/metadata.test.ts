import { expect } from "chai";
import { describe, it } from "mocha";
import { checkMetadata } from "../../../runner/check/metadata.ts";
import { DimensionId } from "../../../runner/domain.ts";
import { plotId } from "../../support/plots.ts";

const dimensions = ["age", "race", "sex", "1.10"].map((id) => DimensionId.parse(id));
const plot = plotId({ facet: "age+sex" });
const said = {
  city: "C.12580",
  scenario: "cessation",
  outcome: "incidence",
  statistic_type: "mean.and.interval",
  facet_choice: "age+sex",
};

function check(metadata: unknown, asked = plot) {
  return checkMetadata(Buffer.from(JSON.stringify(metadata)), asked, dimensions);
}

function reasonFor(verdict: ReturnType<typeof checkMetadata>): string {
  return verdict.valid ? "valid" : verdict.reason;
}

describe("a plot's metadata", () => {
  it("agrees with the plot that was asked for", () => {
    expect(check(said)).to.deep.equal({ valid: true, quirks: [] });
  });

  it("may have every value in an array of one, and the facet as a list or in any order", () => {
    const arrays = Object.fromEntries(Object.entries(said).map(([key, value]) => [key, [value]]));
    expect(check(arrays)).to.deep.equal({ valid: true, quirks: ["metadata values in one-element arrays"] });
    expect(check([said]).valid).to.equal(true);
    for (const facet_choice of ["sex+age", ["age", "sex"]]) {
      expect(check({ ...said, facet_choice }).valid).to.equal(true);
    }
  });

  it("may leave values empty, as R does", () => {
    for (const empty of [{}, null, [null], [], "NA", "", [{}], ["NA"]]) {
      const nothing = Object.fromEntries(Object.keys(said).map((key) => [key, empty]));
      expect(check(nothing, plotId()).valid, JSON.stringify(empty)).to.equal(true);
      expect(check(empty).valid, `all of it ${JSON.stringify(empty)}`).to.equal(true);
    }
    expect(check({ ...said, city: {} })).to.deep.equal({ valid: true, quirks: ["empty values written as {}"] });
    expect(check({ ...said, file_path: {} })).to.deep.equal({ valid: true, quirks: ["empty values written as {}"] });
  });

  it("may write a code that looks like a number as a number", () => {
    const numbers = plotId({ city: "12580", scenario: "2030", outcome: "1.10", facet: "1.10" });
    expect(check({ city: 12580, scenario: [2030], outcome: 1.1, facet_choice: 1.1 }, numbers)).to.deep.equal({
      valid: true,
      quirks: ["metadata values in one-element arrays", "metadata codes written as numbers"],
    });
    expect(reasonFor(check({ city: 33100 }, numbers))).to.include('its city is "33100", not 12580');
  });

  it("may begin with a byte-order mark", () => {
    const marked = Buffer.from(`\uFEFF${JSON.stringify(said)}`);
    expect(checkMetadata(marked, plot, dimensions)).to.deep.equal({
      valid: true,
      quirks: ["file begins with a byte-order mark"],
    });
  });

  it("that says another outcome was drawn refuses the plot", () => {
    expect(reasonFor(check({ ...said, outcome: "testing" }))).to.equal(
      'says in its metadata that its outcome is "testing", not incidence',
    );
  });

  it("that says another city or facet was drawn refuses the plot", () => {
    expect(check({ ...said, city: "C.33100" }).valid).to.equal(false);
    expect(check({ ...said, city: { code: "C.12580" } }).valid).to.equal(false);
    for (const facet_choice of ["age", null, {}, ["age", "age"], ["age", {}], "height"]) {
      expect(reasonFor(check({ ...said, facet_choice })), JSON.stringify(facet_choice)).to.include("its facet is");
    }
  });

  it("that is missing is a habit, one that cannot be read is refused with the cause", () => {
    expect(checkMetadata(undefined, plot, dimensions)).to.deep.equal({
      valid: true,
      quirks: ["metadata file missing"],
    });
    const unreadable = (bytes: Buffer) => reasonFor(checkMetadata(bytes, plot, dimensions));
    expect(unreadable(Buffer.from("{"))).to.equal("has a metadata file that is not JSON: it was cut off in the middle");
    expect(unreadable(Buffer.from('{"a":NaN}'))).to.include("a bare NaN");
    expect(unreadable(Buffer.from('{"a":"\u00e9"}', "latin1"))).to.equal(
      "has a metadata file that is not UTF-8: byte 7 (line 1, column 7) is 0xE9",
    );
    expect(unreadable(Buffer.from("[1,2]"))).to.equal("has a metadata file that is JSON, but not an object");
  });
});
