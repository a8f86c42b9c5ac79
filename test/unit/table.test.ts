import { expect } from "chai";
import { describe, it } from "mocha";
import { table } from "../../runner/format/table.ts";

const heads = ["CITY", "STATE", "PLOTS", "WHY"];
const rows = [
  ["C.12580", "published", "1,818", "never published"],
  ["C.33100", "partial", "9", "R reported errors: there is no package called 'jheem'; scenario missing: simulations/x"],
];
const numbers = new Set([2]);

describe("a table", () => {
  it("aligns columns under their heads, numbers to the right, and leaves long lines to programs that read them", () => {
    expect(table(heads, rows, { numbers }).split("\n")).to.deep.equal([
      "CITY     STATE      PLOTS  WHY",
      "C.12580  published  1,818  never published",
      `C.33100  partial        9  ${rows[1]?.[3]}`,
    ]);
  });

  it("fits a terminal: the last column goes on below itself", () => {
    const lines = table(heads, rows, { numbers, width: 60 }).split("\n");
    expect(lines).to.deep.equal([
      "CITY     STATE      PLOTS  WHY",
      "C.12580  published  1,818  never published",
      "C.33100  partial        9  R reported errors: there is no",
      "                           package called 'jheem'; scenario",
      "                           missing: simulations/x",
    ]);
  });

  it("has the last column on lines of its own where little room is left beside the others", () => {
    const lines = table(heads, rows, { numbers, width: 40 }).split("\n");
    expect(lines.slice(2)).to.deep.equal([
      "    never published",
      "C.33100  partial        9",
      "    R reported errors: there is no",
      "    package called 'jheem'; scenario",
      "    missing: simulations/x",
    ]);
    for (const line of lines) expect(line.length).to.be.at.most(40);
  });
});
