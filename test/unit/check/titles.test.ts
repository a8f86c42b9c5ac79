import { expect } from "chai";
import { describe, it } from "mocha";
import { loadCatalog, parseCatalog } from "../../../runner/catalog/load.ts";
import { checkFigure } from "../../../runner/check/figure.ts";
import { titleCheck } from "../../../runner/check/titles.ts";
import { OutcomeId } from "../../../runner/domain.ts";
import { plotId } from "../../support/plots.ts";

const ryanWhite = await loadCatalog("catalog/ryan-white.yaml");
const ofRyanWhite = titleCheck(ryanWhite);

function judge(outcome: string, layout: unknown): string {
  return ofRyanWhite(layout, OutcomeId.parse(outcome)) ?? "its own";
}

describe("a figure's titles", () => {
  it("that name another outcome make the figure be refused, and the reason says which", () => {
    const figure = {
      data: [
        { name: "Baseline", y: [1] },
        { name: "Cessation", y: [1] },
      ],
      layout: { yaxis: { title: { text: "Tested for HIV in the past year (%)" } } },
    };
    const expected = { plot: plotId(), scenarioName: "Cessation", panels: 1, maxBytes: 10_000, titles: ofRyanWhite };
    const verdict = checkFigure(Buffer.from(JSON.stringify(figure)), expected);
    expect(verdict.valid ? "valid" : verdict.reason).to.equal(
      'shows another outcome: its y axis "Tested for HIV in the past year (%)" names testing (Tested for HIV in the past ' +
        "year), not incidence (New infections)",
    );
  });

  it("may name their own outcome by name or identifier, in any case, with others beside it", () => {
    for (const [outcome, layout] of [
      ["incidence", { title: "<b>New infections</b><br>Baltimore" }],
      ["incidence", { title: { text: "Baltimore: INCIDENCE" } }],
      ["oahs.suppression", { title: { text: ["Viral suppression<br>among OAHS clients"] } }],
      [
        "oahs.suppression",
        { title: "Viral suppression", yaxis: { title: "Viral suppression among OAHS clients (%)" } },
      ],
      ["non.adap.clients", { yaxis2: { title: { text: "Ryan White clients not in ADAP" } } }],
      ["adap.clients", { title: "adap_clients and rw.clients" }],
      ["testing", { title: { text: "", subtitle: { text: "Tested for HIV in the past year" } } }],
    ] as const) {
      expect(judge(outcome, layout), JSON.stringify(layout)).to.equal("its own");
    }
  });

  it("are matched by the longest name, which may hold that of the outcome that was asked for", () => {
    for (const [outcome, title, other] of [
      ["suppression", "Viral suppression among OAHS clients", "oahs.suppression"],
      ["adap.clients", "Viral suppression among ADAP clients (%)", "adap.suppression"],
      ["rw.clients", "Ryan White<br>clients not in ADAP", "non.adap.clients"],
      ["rw.clients", "<i>non.adap.clients</i>", "non.adap.clients"],
      ["incidence", "Baltimore: testing (mean.and.interval)", "testing"],
      ["incidence", "Awareness of HIV status &amp; more", "awareness"],
    ] as const) {
      expect(judge(outcome, { title }), title).to.include(`names ${other} (`);
    }
  });

  it("are found where R's serializers and Plotly for R put them", () => {
    for (const layout of [
      [{ title: ["PrEP uptake"] }],
      { title: { text: ["PrEP uptake"] } },
      { xaxis3: { title: "PrEP uptake" } },
      { annotations: [{ text: "PrEP uptake", annotationType: "axis" }] },
    ]) {
      expect(judge("incidence", layout), JSON.stringify(layout)).to.include("names prep.uptake (PrEP uptake)");
    }
  });

  it("are not judged by everyday words, units, strata, legends and notes", () => {
    for (const layout of [
      { title: "Projected new cases of HIV, with more testing", yaxis: { title: "infections/year" } },
      { title: "HIV testing" },
      { title: {}, xaxis: { title: null }, yaxis: [] },
      { legend: { title: { text: "Viral suppression" } }, annotations: [{ text: "PrEP uptake" }] },
      null,
      {},
      [],
    ]) {
      expect(judge("incidence", layout), JSON.stringify(layout)).to.equal("its own");
    }
  });

  it("with a display name of one word are matched as the catalog writes it", () => {
    const catalog = parseCatalog(
      `
model: weather
cities: [{ code: S, name: Frosty Hills }]
scenarios: { warm: More Frost }
dimensions: {}
outcomes:
  rain: { name: Rainfall, unit: mm, kind: count, dimensions: [] }
  frost: { name: Frost, unit: days, kind: count, dimensions: [] }
  cote: { name: C\u00f4te, unit: km, kind: count, dimensions: [] }
statistics: { mean: Mean }
limits: { points: 100, bytes: 100 }
presets: { all: { cities: all, scenarios: all, outcomes: all, statistics: all, facets: all } }
`,
      "weather.yaml",
    );
    const check = titleCheck(catalog);
    const about = (title: string, outcome = "frost") => check({ title }, OutcomeId.parse(outcome)) ?? "its own";
    expect(about("Rainfall in spring")).to.include("names rain (Rainfall), not frost (Frost)");
    expect(about("mean: rainfall (mm)")).to.include("names rain (Rainfall)");
    expect(about("Co\u0302te")).to.include("names cote");
    expect(about("Days below zero after rainfall")).to.equal("its own");
    expect(about("Millimetres, More Frost, Frosty Hills", "rain")).to.equal("its own");
    expect(about("Frost, More Frost", "rain")).to.include("names frost (Frost)");
  });
});
