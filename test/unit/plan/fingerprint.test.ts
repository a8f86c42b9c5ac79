import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { resolveSelection } from "../../../runner/catalog/select.ts";
import { canonicalJson, changedParts, fingerprint } from "../../../runner/plan/fingerprint.ts";
import { exampleCatalog, first } from "../catalog/example.ts";
import { sha } from "./sources.ts";

const catalog = exampleCatalog();
const { selection } = resolveSelection(catalog, "all");
const sources = {
  image: "sha256:1",
  baseline: { sha256: sha("baseline") },
  scenarioFile: { sha256: sha("scenario") },
  catalog,
  city: first(selection.cities),
  scenario: first(selection.scenarios),
};
const present = fingerprint(sources);

/** What is seen to change when the example reads otherwise. */
function changedBy(...replace: (readonly [string, string])[]): string[] {
  return changedParts(present, fingerprint({ ...sources, catalog: exampleCatalog(replace) }));
}

describe("a fingerprint", () => {
  it("is 64 hexadecimal digits, the same for the same sources", () => {
    expect(present).to.match(/^[0-9a-f]{64}$/);
    expect(fingerprint({ ...sources, catalog: exampleCatalog() })).to.equal(present);
  });

  it("stays what it was in the last release, so that an upgrade renders nothing again", () => {
    expect(present).to.equal("5b7bc24d176d5ef96a069d6752d461689bee677397e0bfc712c316595f12cef2");
  });

  it("tells which of its sources changed", () => {
    expect(changedParts(present, fingerprint({ ...sources, image: "sha256:2" }))).to.deep.equal(["image"]);
    expect(changedParts(present, fingerprint({ ...sources, baseline: { sha256: sha("x") } }))).to.deep.equal([
      "baseline",
    ]);
    expect(changedParts(present, fingerprint({ ...sources, scenarioFile: { sha256: sha("x") } }))).to.deep.equal([
      "scenario",
    ]);
    expect(
      changedParts(present, fingerprint({ ...sources, image: "sha256:2", baseline: { sha256: sha("x") } })),
    ).to.deep.equal(["image", "baseline"]);
  });

  it("follows what of the catalog is drawn", () => {
    const drawn: (readonly [string, string])[] = [
      ["river-health", "river"],
      ["Elbe-Upper, CZ", "Elbe"],
      ["Dry summers", "Droughts"],
      ["Fish stock", "Fish"],
      ["fish/km", "fish/mile"],
      ["kind: proportion", "kind: count"],
      ["[season, depth]", "[season]"],
      ["[trout, eel]", "[trout, pike]"],
      ["[trout, eel]", "[eel, trout]"],
      ["[trout, eel]", "[{ id: trout, name: Brown trout }, eel]"],
      ["Single draws", "Draws"],
      ["points: 1000", "points: 1001"],
      ["bytes: 100000", "bytes: 100001"],
    ];
    for (const edit of drawn) expect(changedBy(edit), edit.join(" -> ")).to.deep.equal(["catalog"]);
  });

  it("does not follow what is not: presets, other cities and scenarios, the order of outcomes", () => {
    const elsewhere: (readonly [string, string])[] = [
      ["cities: [R.2, R.1]", "cities: [R.2]"],
      ["name: Rhine", "name: Rhein"],
      ["New dams", "Dams"],
      ["[season, depth]", "[depth, season]"],
    ];
    for (const edit of elsewhere) expect(changedBy(edit), edit.join(" -> ")).to.deep.equal([]);
    const flow = "  flow: { name: Flow, unit: m3/s, kind: count, dimensions: [] }\n";
    expect(changedBy([flow, ""], ["outcomes:\n", `outcomes:\n${flow}`])).to.deep.equal([]);
  });

  it("differs between cities and between scenarios with the same files", () => {
    const others = [
      ...selection.cities.slice(1).map((city) => fingerprint({ ...sources, city })),
      ...selection.scenarios.slice(1).map((scenario) => fingerprint({ ...sources, scenario })),
    ];
    expect(new Set([present, ...others])).to.have.lengthOf(3);
  });
});

describe("canonical JSON", () => {
  it("has sorted keys at every depth and keeps the order of lists", () => {
    expect(canonicalJson({ b: [{ d: 1, c: [3, 2] }], a: "x" })).to.equal('{"a":"x","b":[{"c":[3,2],"d":1}]}');
  });

  it("means what it was made from, whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(reversed)).to.equal(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
