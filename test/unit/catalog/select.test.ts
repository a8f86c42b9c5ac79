import { expect } from "chai";
import { describe, it } from "mocha";
import { loadCatalog } from "../../../runner/catalog/load.ts";
import { resolveSelection } from "../../../runner/catalog/select.ts";
import { RunRequest } from "../../../runner/records.ts";
import { exampleCatalog, messageFrom } from "./example.ts";

const ryanWhite = await loadCatalog("catalog/ryan-white.yaml");

describe("a selection", () => {
  it("is the preset's where nothing else is asked for", () => {
    const { selection, only } = resolveSelection(ryanWhite, "test");
    expect(selection).to.deep.equal({
      cities: ["C.12580", "C.12940", "C.14460", "C.16740"],
      scenarios: ["cessation", "brief_interruption", "prolonged_interruption"],
      outcomes: ["incidence", "diagnosed.prevalence", "adap.proportion"],
      statistics: ["mean.and.interval"],
      facets: ["none", "age", "sex"],
    });
    expect(only).to.deep.equal({});
  });

  it("takes lists from the command line in place of the preset's, in the catalog's order, each once", () => {
    const { selection, only } = resolveSelection(ryanWhite, "minimal", {
      cities: ["C.14460", "baltimore", "C.12580"],
      facets: ["sex+age", "none", "age+sex"],
      statistics: [],
    });
    expect(selection).to.deep.equal({
      cities: ["C.12580", "C.14460"],
      scenarios: ["cessation"],
      outcomes: ["incidence"],
      statistics: ["mean.and.interval"],
      facets: ["none", "age+sex"],
    });
    expect(only).to.deep.equal({ cities: ["C.12580", "C.14460"], facets: ["none", "age+sex"] });
  });

  it("may name a city by its short or full name", () => {
    for (const name of ["New York", "new york", "New York-Newark-Jersey City, NY-NJ-PA", "C.35620"]) {
      expect(resolveSelection(ryanWhite, "minimal", { cities: [name] }).selection.cities, name).to.deep.equal([
        "C.35620",
      ]);
    }
  });

  it("asks for the code where several cities share a name", () => {
    const catalog = exampleCatalog([["name: Rhine", 'name: "Elbe, Lower"']]);
    expect(messageFrom(() => resolveSelection(catalog, "small", { cities: ["Elbe"] }))).to.equal(
      'UsageError: "Elbe" is the name of several cities; give a code: R.1 (Elbe-Upper, CZ), R.2 (Elbe, Lower)',
    );
  });

  it("can be asked for again as the ledger keeps it", () => {
    const { selection, only } = resolveSelection(ryanWhite, "full", { cities: ["Miami"], facets: ["risk+age", "~"] });
    const kept = RunRequest.parse(JSON.parse(JSON.stringify({ preset: "full", only, force: false, html: false })));
    expect(resolveSelection(ryanWhite, kept.preset, kept.only).selection).to.deep.equal(selection);
  });

  it("with unknown names is refused, every one of them with the nearest that is known", () => {
    const message = messageFrom(() =>
      resolveSelection(ryanWhite, "tset", {
        cities: ["Baltmore", "C.1294", "Atlantis"],
        scenarios: ["cesation"],
        outcomes: ["Viral Suppression", "incidence"],
        statistics: ["mean"],
        facets: ["age+rae"],
      }),
    );
    expect(message.split("\n")).to.deep.equal([
      'UsageError: unknown preset "tset"; did you mean test?',
      'unknown city "Baltmore"; did you mean C.12580 (Baltimore)?',
      'unknown city "C.1294"; did you mean C.12940 (Baton Rouge)?',
      'unknown city "Atlantis"; did you mean C.12060 (Atlanta)?',
      'unknown scenario "cesation"; did you mean cessation?',
      'unknown outcome "Viral Suppression"; did you mean suppression?',
      'unknown statistic "mean"; did you mean mean.and.interval?',
      'unknown dimension "rae" in facet "age+rae"; did you mean race?',
    ]);
  });

  it("lists what there is where no name is near", () => {
    expect(messageFrom(() => resolveSelection(ryanWhite, "everything"))).to.equal(
      'UsageError: unknown preset "everything"; known: minimal, test, medium, full',
    );
    expect(messageFrom(() => resolveSelection(ryanWhite, "full", { outcomes: ["unemployment"] }))).to.equal(
      'UsageError: unknown outcome "unemployment"; known: incidence, new, diagnosed.prevalence, suppression, ' +
        "testing, prep.uptake and 8 more",
    );
  });

  it("of which nothing can be drawn is refused, with what could be", () => {
    const asked = { outcomes: ["awareness", "prep.uptake"], facets: ["risk", "age+risk"] };
    expect(messageFrom(() => resolveSelection(ryanWhite, "full", asked)).split("\n")).to.deep.equal([
      "UsageError: nothing to draw: no outcome asked for has the facet risk or age+risk",
      "  prep.uptake is broken down by age, race, sex",
      "  awareness is broken down by age",
    ]);
  });
});
