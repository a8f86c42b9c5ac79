import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { allFacets, applicable, facetDimensions, panelCount, parseFacet } from "../../../runner/catalog/facet.ts";
import { exampleCatalog, messageFrom } from "./example.ts";

const four = ["age", "race", "sex", "risk"];

describe("facets", () => {
  it("of four dimensions are sixteen, in the contract's spelling", () => {
    expect(allFacets(four)).to.deep.equal([
      ...["none", "age", "race", "sex", "risk"],
      ...["age+race", "age+sex", "age+risk", "race+sex", "race+risk", "sex+risk"],
      ...["age+race+sex", "age+race+risk", "age+sex+risk", "race+sex+risk", "age+race+sex+risk"],
    ]);
  });

  it("of no dimension are `none` alone", () => {
    expect(allFacets([])).to.deep.equal(["none"]);
  });

  it("read `none`, null and ~ as no facet", () => {
    for (const text of ["none", null, "~", " none "]) expect(parseFacet(text, four), String(text)).to.equal("none");
  });

  it("are the same facet in whatever order they are written", () => {
    fc.assert(
      fc.property(dimensionsAndOrder(), ({ dimensions, chosen, shuffled }) => {
        expect(parseFacet(shuffled.join("+"), dimensions)).to.equal(chosen.join("+"));
      }),
    );
  });

  it("survive a round trip through their spelling", () => {
    fc.assert(
      fc.property(dimensionNames(), (dimensions) => {
        const facets = allFacets(dimensions);
        expect(new Set(facets)).to.have.lengthOf(2 ** dimensions.length);
        for (const facet of facets) {
          expect(parseFacet(facet, dimensions)).to.equal(facet);
          expect(facetDimensions(facet).join("+") || "none").to.equal(facet);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("that nobody knows are refused with the nearest name", () => {
    const refusals: [string, string][] = [
      ["agee", 'unknown facet "agee"; did you mean age?'],
      ["Age", 'unknown facet "Age"; did you mean age?'],
      ["age+rice", 'unknown dimension "rice" in facet "age+rice"; did you mean race?'],
      ["age,sex", 'unknown facet "age,sex"; did you mean age+sex?'],
      ["height", 'unknown facet "height"; known: none, age, race, sex, risk'],
      ["age+age", 'facet "age+age" names age twice'],
      ["none+age", 'facet "none+age" combines none with a dimension'],
      ["age+", '"age+" is not a facet; expected none, or dimensions joined by +'],
      ["", '"" is not a facet; expected none, or dimensions joined by +'],
    ];
    for (const [text, message] of refusals) {
      expect(messageFrom(() => parseFacet(text, four))).to.equal(`UsageError: ${message}`);
    }
  });

  it("are applicable to outcomes broken down by all of their dimensions", () => {
    const catalog = exampleCatalog();
    const drawn = [...catalog.outcomes.values()].map((outcome) => [
      outcome.id,
      catalog.facets.filter((facet) => applicable(outcome, facet)).join(" "),
    ]);
    expect(drawn).to.deep.equal([
      ["stock", "none species season species+season"],
      ["oxygen", "none season depth season+depth"],
      ["flow", "none"],
    ]);
  });

  it("have a panel per combination of strata, or an unknown number where strata are not listed", () => {
    const catalog = exampleCatalog();
    const panels = catalog.facets.map((facet) => [facet, panelCount(facet, catalog)]);
    expect(Object.fromEntries(panels)).to.deep.equal({
      none: 1,
      species: 2,
      season: 3,
      depth: undefined,
      "species+season": 6,
      "species+depth": undefined,
      "season+depth": undefined,
      "species+season+depth": undefined,
    });
  });
});

function dimensionNames(): fc.Arbitrary<string[]> {
  const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._]{0,6}$/).filter((id) => id !== "none");
  return fc.uniqueArray(name, { minLength: 1, maxLength: 6 });
}

function dimensionsAndOrder() {
  return dimensionNames().chain((dimensions) =>
    fc
      .subarray(dimensions, { minLength: 1 })
      .chain((chosen) =>
        fc
          .shuffledSubarray(chosen, { minLength: chosen.length, maxLength: chosen.length })
          .map((shuffled) => ({ dimensions, chosen, shuffled })),
      ),
  );
}
