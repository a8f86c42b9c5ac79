import { expect } from "chai";
import { describe, it } from "mocha";
import { extraFiles } from "../../../runner/render/attempt/output.ts";
import { plotId } from "../../support/plots.ts";

const asked = [plotId(), plotId({ facet: "age+race" })];

describe("files that nobody asked for", () => {
  const expected = "C.12580/cessation/incidence_mean.and.interval_unfaceted";

  it("are none of an asked plot's", () => {
    expect(extraFiles([`${expected}.json`, `${expected}_metadata.json`, `${expected}.html`], asked)).to.deep.equal([]);
  });

  it("are counted once for a plot, however many companions it has", () => {
    const testing = "C.12580/cessation/testing_mean.and.interval_unfaceted";
    expect(extraFiles([`${testing}.html`, `${testing}.json`, `${testing}_metadata.json`], asked)).to.deep.equal([
      `${testing}.json`,
    ]);
  });

  it("are named by themselves where there is no figure beside them", () => {
    const files = ["C.12940/cessation/x.html", "Rplots.pdf", "plotly.min.js", "C.12580/cessation/y_metadata.json"];
    expect(extraFiles(files, asked)).to.deep.equal(files);
  });
});
