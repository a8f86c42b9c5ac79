import { expect } from "chai";
import { describe, it } from "mocha";
import { checkFigure, type Expectation } from "../../../runner/check/figure.ts";
import { plotId } from "../../support/plots.ts";

const expected: Expectation = {
  plot: plotId({ scenario: "cessation", facet: "age" }),
  scenarioName: "Cessation",
  panels: 2,
  maxBytes: 10_000,
};

const baseline = { name: "Baseline", y: [1, 2] };
const scenario = { name: "Cessation", y: [1, 3] };
const panels = [
  baseline,
  scenario,
  { ...baseline, xaxis: "x2", yaxis: "y2" },
  { ...scenario, xaxis: "x2", yaxis: "y2" },
];

function check(data: unknown, changes: Partial<Expectation> = {}) {
  return checkFigure(Buffer.from(JSON.stringify({ data, layout: {} })), { ...expected, ...changes });
}

function checkText(text: string) {
  return checkFigure(Buffer.from(text), expected);
}

function reasonFor(verdict: ReturnType<typeof checkFigure>): string {
  return verdict.valid ? "valid" : verdict.reason;
}

describe("a figure", () => {
  it("is valid with a baseline, the scenario and a panel for each stratum", () => {
    expect(check(panels)).to.deep.equal({ valid: true, quirks: [] });
  });

  it("may name the scenario by its identifier", () => {
    const named = panels.map((trace) => (trace.name === "Cessation" ? { ...trace, name: "cessation" } : trace));
    expect(check(named).valid).to.equal(true);
  });

  it("may have a name that looks like a series of numbers", () => {
    const scenarioName = "Ages [13,24]";
    const named = panels.map((trace) => (trace.name === "Cessation" ? { ...trace, name: scenarioName } : trace));
    expect(check(named, { scenarioName }).valid).to.equal(true);
  });

  it("is not judged by panels where the catalog does not list the strata", () => {
    expect(check([baseline, scenario], { panels: undefined }).valid).to.equal(true);
  });

  for (const [what, data, words] of [
    ["without traces", [], "has no traces"],
    ["without a baseline", panels.filter(({ name }) => name !== "Baseline"), "no Baseline trace"],
    ["without the scenario", panels.filter(({ name }) => name !== "Cessation"), 'no trace named "Cessation"'],
    ["with another scenario's name", panels.map((trace) => ({ ...trace, name: "Brief" })), "no Baseline trace"],
    ["with nothing but missing numbers", panels.map((trace) => ({ ...trace, y: [null, "NA"] })), "no Baseline trace"],
    ["with a panel too few", [baseline, scenario], "has 1 panels where facet age has 2 strata"],
  ] as const) {
    it(`${what} is refused`, () => {
      expect(reasonFor(check(data))).to.include(words);
    });
  }

  it("with a bare NaN is refused, and the reason says so", () => {
    expect(reasonFor(checkText('{"data":[{"name":"Baseline","y":[1,NaN]}],"layout":{}}'))).to.include("a bare NaN");
  });

  it("with anything wrong amid thousands of numbers is refused", () => {
    const numbers = Array.from({ length: 50_000 }, (_, place) => place / 4).join(",");
    const text = (series: string) =>
      `{"data":[{"name":"Baseline","y":[${series}]},{"name":"Cessation","y":[null,${numbers}]}],"layout":{}}`;
    const verdict = (series: string) =>
      checkFigure(Buffer.from(text(series)), { ...expected, panels: 1, maxBytes: 1e6 });
    expect(verdict(`${numbers},-1.5e3,null`).valid).to.equal(true);
    for (const wrong of ["NaN", "01", "1.", "+1", "", "nul", "Infinity", ".5", "1 2"]) {
      expect(verdict(`${numbers},${wrong}`).valid, wrong).to.equal(false);
      expect(verdict(`${wrong},${numbers}`).valid, wrong).to.equal(false);
    }
  });

  it("cut off in the middle is refused, and the reason says so", () => {
    const whole = JSON.stringify({ data: panels, layout: {} });
    expect(reasonFor(checkText(whole.slice(0, whole.length / 2)))).to.include("cut off");
    expect(reasonFor(checkText(""))).to.include("empty file");
  });

  it("larger than the limit is refused with both numbers", () => {
    expect(reasonFor(check(panels, { maxBytes: 100 }))).to.match(/has \d+ bytes, more than the 100/);
  });

  it("that is no figure is refused", () => {
    expect(reasonFor(checkText("[1]"))).to.include("not an object");
    expect(reasonFor(checkText('{"layout":{}}'))).to.include("no traces");
  });

  it("that is not UTF-8 is refused with the place of the byte", () => {
    const latin1 = Buffer.from(JSON.stringify({ data: panels, layout: { title: "San Jos\u00e9" } }), "latin1");
    const byte = latin1.indexOf(0xe9) + 1;
    expect(reasonFor(checkFigure(latin1, expected))).to.equal(
      `is not UTF-8: byte ${byte} (line 1, column ${byte}) is 0xE9`,
    );
  });

  it("may begin with a byte-order mark", () => {
    const marked = `\uFEFF${JSON.stringify({ data: panels, layout: {} })}`;
    expect(checkText(marked)).to.deep.equal({ valid: true, quirks: ["file begins with a byte-order mark"] });
  });

  it("may write the accents of a name apart from its letters", () => {
    const named = panels.map((trace) => (trace.name === "Cessation" ? { ...trace, name: "Se\u0301cheresse" } : trace));
    expect(check(named, { scenarioName: "S\u00e9cheresse" }).valid).to.equal(true);
  });

  it("may write names that look like numbers as numbers", () => {
    const named = panels.map((trace) => (trace.name === "Cessation" ? { ...trace, name: [2030] } : trace));
    expect(check(named, { scenarioName: "2030" }).valid).to.equal(true);
  });

  it("may leave axes and whole traces empty, as R does", () => {
    const empty = [{ ...baseline, xaxis: {}, yaxis: [null] }, { ...scenario, xaxis: null }, {}];
    expect(check(empty, { panels: 1 }).valid).to.equal(true);
  });

  describe("with Plotly's typed arrays", () => {
    const typed = (dtype: string, array: { readonly buffer: ArrayBufferLike }) => ({
      dtype,
      bdata: Buffer.from(array.buffer).toString("base64"),
    });
    const verdict = (y: unknown) => check([{ ...baseline, y }, scenario], { panels: 1 });

    it("is valid where they hold a finite number", () => {
      for (const y of [
        typed("f8", new Float64Array([Number.NaN, Number.POSITIVE_INFINITY, 1.5])),
        typed("float64", new Float64Array([0])),
        typed("f4", new Float32Array([Number.NaN, -2])),
        typed("i4", new Int32Array([0])),
        typed("u1", new Uint8Array([255])),
        [typed("i2", new Int16Array([7]))],
        { ...typed("f8", new Float64Array([1, 2])), shape: "2" },
      ]) {
        expect(verdict(y), JSON.stringify(y)).to.deep.equal({ valid: true, quirks: [] });
      }
    });

    it("is refused where they hold none, or are of a type that Plotly does not draw", () => {
      for (const y of [
        typed("f8", new Float64Array([Number.NaN, Number.NEGATIVE_INFINITY])),
        typed("f4", new Float32Array([Number.NaN])),
        typed("f8", new Uint8Array([1, 2, 3])),
        typed("i8", new BigInt64Array([1n])),
        { dtype: "f8", bdata: "" },
        { dtype: "f8" },
      ]) {
        expect(reasonFor(verdict(y)), JSON.stringify(y)).to.include("no Baseline trace with a finite number");
      }
    });
  });

  it("with tolerated habits is valid, and each habit is named", () => {
    const text = `{\n  "data": ${JSON.stringify([
      { name: ["Baseline"], y: ["NA", 2] },
      { name: "Cessation", y: 3, x: {} },
    ])},\n  "layout": {}, "source": "A"}`;
    const verdict = checkFigure(Buffer.from(text), { ...expected, panels: 1 });
    expect(verdict.valid && verdict.quirks).to.have.members([
      'missing numbers written as "NA"',
      "empty values written as {}",
      "one-element arrays written as scalars",
      "keys beside data and layout",
      "pretty-printed",
    ]);
  });
});
