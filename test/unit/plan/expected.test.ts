import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { Catalog, Selection } from "../../../runner/catalog/catalog.ts";
import { loadCatalog } from "../../../runner/catalog/load.ts";
import { resolveSelection } from "../../../runner/catalog/select.ts";
import { plotPath } from "../../../runner/layout.ts";
import { expectedCounts, expectedPlots } from "../../../runner/plan/expected.ts";
import { everything, exampleCatalog, first } from "../catalog/example.ts";

const ryanWhite = await loadCatalog("catalog/ryan-white.yaml");

describe("expected plots of ryan-white", () => {
  const published = {
    minimal: { combinations: 1, notApplicable: 0, expected: 1 },
    test: { combinations: 108, notApplicable: 0, expected: 108 },
    medium: { combinations: 900, notApplicable: 0, expected: 900 },
    full: { combinations: 62_496, notApplicable: 6_138, expected: 56_358 },
  };
  for (const [preset, counts] of Object.entries(published)) {
    it(`of ${preset} are ${counts.expected}`, () => {
      const { selection } = resolveSelection(ryanWhite, preset);
      expect(expectedCounts(ryanWhite, selection)).to.deep.equal(counts);
      const plots = selection.cities.flatMap((city) => expectedPlots(ryanWhite, selection, city));
      expect(new Set(plots.map(plotPath))).to.have.lengthOf(counts.expected);
    });
  }

  it("are 1,818 for each city of full", () => {
    const { selection } = resolveSelection(ryanWhite, "full");
    const sizes = selection.cities.map((city) => expectedPlots(ryanWhite, selection, city).length);
    expect(new Set(sizes)).to.deep.equal(new Set([1818]));
  });

  it("leave out what an outcome is not broken down by", () => {
    const { selection } = resolveSelection(ryanWhite, "full", { outcomes: ["awareness"], cities: ["Miami"] });
    const plots = expectedPlots(ryanWhite, selection, first(selection.cities));
    expect(new Set(plots.map(({ facet }) => facet))).to.deep.equal(new Set(["none", "age"]));
    expect(plots).to.have.lengthOf(18);
  });
});

describe("expected plots", () => {
  it("are every combination that the catalog allows, and nothing else", () => {
    const catalog = exampleCatalog();
    fc.assert(
      fc.property(selections(catalog), (selection) => {
        const city = first(selection.cities);
        const byHand = combinations(selection).filter(
          ([, outcome, , facet]) =>
            facet === "none" || facet.split("+").every((part) => dimensionsOf(outcome).includes(part)),
        );
        const plots = expectedPlots(catalog, selection, city);
        expect(plots.map((plot) => [plot.scenario, plot.outcome, plot.statistic, plot.facet])).to.deep.equal(byHand);
        expect(expectedCounts(catalog, selection)).to.deep.equal({
          combinations: combinations(selection).length * selection.cities.length,
          expected: byHand.length * selection.cities.length,
          notApplicable: (combinations(selection).length - byHand.length) * selection.cities.length,
        });
      }),
    );
  });
});

/** As written in the example. */
function dimensionsOf(outcome: string): string[] {
  return { stock: ["species", "season"], oxygen: ["season", "depth"] }[outcome] ?? [];
}

function combinations({ scenarios, outcomes, statistics, facets }: Selection): [string, string, string, string][] {
  const all: [string, string, string, string][] = [];
  for (const scenario of scenarios)
    for (const outcome of outcomes)
      for (const statistic of statistics) for (const facet of facets) all.push([scenario, outcome, statistic, facet]);
  return all;
}

function selections(catalog: Catalog): fc.Arbitrary<Selection> {
  const { cities, scenarios, outcomes, statistics, facets } = everything(catalog);
  return fc.record({
    cities: fc.subarray([...cities], { minLength: 1 }),
    scenarios: fc.subarray([...scenarios], { minLength: 1 }),
    outcomes: fc.subarray([...outcomes], { minLength: 1 }),
    statistics: fc.subarray([...statistics], { minLength: 1 }),
    facets: fc.subarray([...facets], { minLength: 1 }),
  });
}
