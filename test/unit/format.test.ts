import { expect } from "chai";
import { describe, it } from "mocha";
import { count, drawerKind, duration, plural, size } from "../../runner/format/format.ts";

describe("words for numbers", () => {
  it("give a duration the units a person would use", () => {
    expect([0.42, 3, 59.6, 60, 90, 570, 1800, 5400, 7500].map(duration)).to.deep.equal([
      "0.4 s",
      "3 s",
      "1 min",
      "1 min",
      "1 min 30 s",
      "9 min 30 s",
      "30 min",
      "1 h 30 min",
      "2 h 5 min",
    ]);
  });

  it("group thousands, agree in number, and count bytes in decimal units", () => {
    expect(count(54322)).to.equal("54,322");
    expect([plural(1, "city", "cities"), plural(2, "city", "cities")]).to.deep.equal(["1 city", "2 cities"]);
    expect([size(999), size(1500), size(3.58e9)]).to.deep.equal(["999 bytes", "1.50 kB", "3.58 GB"]);
  });

  it("call a program of this machine a program, and an image an image", () => {
    expect(["local:0123456789abcdef", "r@sha256:0123", "local/image@sha256:0123"].map(drawerKind)).to.deep.equal([
      "program",
      "R image",
      "R image",
    ]);
  });
});
