import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { loadCatalog, parseCatalog } from "../../../runner/catalog/load.ts";
import { edit, exampleCatalog, exampleYaml, messageFrom } from "./example.ts";

/** What is said about the example with these replacements, without its name. */
function complaints(...replace: (readonly [string, string])[]): string[] {
  const lines = messageFrom(() => exampleCatalog(replace)).split("\n");
  const told = lines.length > 1 ? lines.slice(1) : lines;
  return told.map((line) => line.replace("UsageError: ", "").replace("river.yaml:", ""));
}

describe("the ryan-white catalog", () => {
  it("has what the model publishes", async () => {
    const catalog = await loadCatalog("catalog/ryan-white.yaml");
    expect(catalog.model).to.equal("ryan-white");
    expect(
      [catalog.cities, catalog.scenarios, catalog.outcomes, catalog.statistics].map(({ size }) => size),
    ).to.deep.equal([31, 3, 14, 3]);
    expect(catalog.facets).to.have.lengthOf(16);
    expect([...catalog.dimensions.values()].map(({ id, strata }) => [id, strata?.length])).to.deep.equal([
      ["age", 5],
      ["race", 3],
      ["sex", 3],
      ["risk", 3],
    ]);
    expect(catalog.limits).to.deep.equal({ points: 50_000, bytes: 2_000_000 });
    expect([...catalog.presets.keys()]).to.deep.equal(["minimal", "test", "medium", "full"]);
    const outcomes = Object.fromEntries([...catalog.outcomes.values()].map(({ id, ...outcome }) => [id, outcome]));
    expect(outcomes["prep.uptake"]).to.deep.equal({
      name: "PrEP uptake",
      unit: "%",
      kind: "proportion",
      dimensions: ["age", "race", "sex"],
    });
    expect(outcomes["awareness"]?.dimensions).to.deep.equal(["age"]);
  });

  it("calls cities by what comes before the first hyphen or comma", async () => {
    const { cities } = await loadCatalog("catalog/ryan-white.yaml");
    const names = [...cities.values()].map(({ shortName }) => shortName);
    expect(names.slice(2, 5)).to.deep.equal(["Baltimore", "Baton Rouge", "Boston"]);
    expect(names).to.include.members(["Houston", "Las Vegas", "Washington"]);
  });
});

describe("a catalog", () => {
  it("puts presets into its own order and spelling", () => {
    const { presets } = exampleCatalog();
    expect(presets.get("small")).to.deep.equal({
      cities: ["R.1", "R.2"],
      scenarios: ["dry"],
      outcomes: ["stock"],
      statistics: ["mean"],
      facets: ["none", "species+season"],
    });
    expect(presets.get("all")?.facets).to.have.lengthOf(8);
  });

  it("may leave strata unlisted", () => {
    const { dimensions } = exampleCatalog();
    const strata = [...dimensions.values()].map((dimension) => dimension.strata);
    expect(strata).to.deep.equal([["trout", "eel"], ["spring", "summer", "autumn"], undefined]);
  });

  it("may give strata names to show, beside plain identifiers", () => {
    const { dimensions } = exampleCatalog([["[trout, eel]", "[{ id: trout, name: Brown trout }, eel]"]]);
    const [species, season] = dimensions.values();
    expect(species?.strata).to.deep.equal(["trout", "eel"]);
    expect([...(species?.strataNames ?? [])]).to.deep.equal([["trout", "Brown trout"]]);
    expect(season).to.not.have.property("strataNames");
  });

  it("refuses a stratum without identifier, with an unknown key, or listed twice under another name", () => {
    expect(complaints(["[trout, eel]", "[{ name: Brown trout }, eel]"])).to.deep.equal([
      "7:13: dimensions.species[0].id: missing; expected text",
    ]);
    expect(complaints(["[trout, eel]", "[{ id: trout, name: Trout, color: red }]"])).to.deep.equal([
      "7:39: dimensions.species[0].color: unknown key; known: id, name",
    ]);
    expect(complaints(["[trout, eel]", "[{ id: trout, name: Brown trout }, trout]"])).to.deep.equal([
      '7:47: dimensions.species[1]: "trout" is listed twice (item 0 is the first)',
    ]);
  });

  it("with several mistakes lists them all, in the order of the file, each with place and remedy", () => {
    const wrong = edit([
      ["name: Rhine }", "name: Rhine, cods: 4 }"],
      ["kind: proportion", "kind: proportoin"],
      ["dimensions: [species, season] }", "dimensions: [specie, season] }"],
      ["cities: [R.2, R.1]", "cities: [R.2, Elbe, R.1, R.2]"],
      ["points: 1000", "points: none"],
    ]);
    expect(messageFrom(() => parseCatalog(wrong, "catalog/x.yaml")).split("\n")).to.deep.equal([
      "UsageError: 6 problems in catalog catalog/x.yaml",
      "catalog/x.yaml:4:31: cities[1].cods: unknown key; did you mean code?",
      'catalog/x.yaml:11:71: outcomes.stock.dimensions[0]: unknown dimension "specie"; did you mean species?',
      'catalog/x.yaml:12:55: outcomes.oxygen.kind: expected count or proportion, found "proportoin"; did you mean proportion?',
      'catalog/x.yaml:15:19: limits.points: expected a number, found "none"',
      'catalog/x.yaml:17:26: presets.small.cities[1]: unknown city "Elbe"; did you mean R.1?',
      'catalog/x.yaml:17:37: presets.small.cities[3]: "R.2" is listed twice (item 0 is the first)',
    ]);
  });

  it("with one mistake is told in one line", () => {
    expect(complaints(["kind: proportion", "kind: ratio"])).to.deep.equal([
      '12:55: outcomes.oxygen.kind: expected count or proportion, found "ratio"',
    ]);
  });

  it("points at the mapping in which something is missing", () => {
    expect(complaints(["unit: fish/km, ", ""])).to.deep.equal(["11:3: outcomes.stock.unit: missing; expected text"]);
    expect(complaints(["limits: { points: 1000, bytes: 100000 }\n", ""])).to.deep.equal([
      "1:1: limits: missing; expected a mapping (key: value)",
    ]);
    expect(complaints(["scenarios: [dry], ", ""])).to.deep.equal([
      "17:3: presets.small.scenarios: missing; expected all or a list",
    ]);
  });

  it("refuses identifiers that can't name a file", () => {
    expect(complaints(["{ dry: Dry summers,", '{ "dry summers": Dry summers, dry: Dry,'])).to.deep.equal([
      "5:14: scenarios.dry summers: an identifier is made of letters, digits, `.` and `_`",
    ]);
    expect(complaints(["cities: [R.2, R.1]", "cities: all"], ["code: R.1", 'code: ".."'])).to.deep.equal([
      '3:13: cities[0].code: an identifier does not begin with a dot, found ".."',
    ]);
    expect(complaints(["model: river-health", "model: river/health"])).to.have.lengthOf(1);
  });

  it("refuses lists of nothing, and lists that are none", () => {
    expect(complaints(["statistics: [mean]", "statistics: []"])).to.deep.equal([
      "17:81: presets.small.statistics: expected at least one item, found an empty list",
    ]);
    expect(complaints(["statistics: [mean]", "statistics: mean"])).to.deep.equal([
      '17:81: presets.small.statistics: expected all or a list, found "mean"',
    ]);
    expect(complaints(["{ mean: Mean, draws: Single draws }", "{}"])).to.include(
      "14:1: statistics: expected at least one, found an empty mapping",
    );
    expect(complaints(["[trout, eel]", "[]"])).to.deep.equal([
      "7:12: dimensions.species: expected at least one item, found an empty list",
    ]);
  });

  it("refuses what is there twice", () => {
    expect(complaints(["code: R.2", "code: R.1"])).to.include(
      '4:13: cities[1].code: "R.1" is listed twice (item 0 is the first)',
    );
    expect(complaints(["[trout, eel]", "[trout, trout]"])).to.deep.equal([
      '7:20: dimensions.species[1]: "trout" is listed twice (item 0 is the first)',
    ]);
    expect(complaints(["[trout, eel]", "[trout\u00e9, troute\u0301]"])).to.deep.equal([
      '7:21: dimensions.species[1]: "troute\u0301" is listed twice (item 0 is the first)',
    ]);
    expect(complaints(["[~, season+species]", "[species+season, season+species]"])).to.deep.equal([
      "17:114: presets.small.facets[1]: facet species+season is listed twice (item 0 is the first)",
    ]);
    const [twice] = complaints(["dams: New dams", "dry: Dry again"]);
    expect(twice).to.equal("5:32: not YAML: Map keys must be unique");
  });

  it("refuses a facet of dimensions that are not there, and a dimension called none", () => {
    expect(complaints(["season+species", "season+sepcies"])).to.deep.equal([
      '17:101: presets.small.facets[1]: unknown dimension "sepcies" in facet "season+sepcies"; did you mean species?',
    ]);
    expect(complaints(["  depth: ~", "  depth: ~\n  none: ~"])).to.deep.equal([
      "10:3: dimensions.none: `none` is the facet of an undivided plot",
    ]);
  });

  it("refuses names that would make one file of two plots", () => {
    expect(
      complaints(["  flow:", "  stock_mean:"], ["statistics: {", "statistics: { mean_mean: Mean of means,"]),
    ).to.deep.equal([
      "13:3: outcomes.stock_mean: stock_mean with mean and stock with mean_mean would share the file name " +
        "stock_mean_mean; rename one of them",
    ]);
  });

  it("that is not YAML is told with the place", () => {
    expect(complaints(["[trout, eel]", "[trout, eel"])[0]).to.match(/^8:\d+: not YAML: /);
    expect(messageFrom(() => parseCatalog("\n", "river.yaml"))).to.equal("UsageError: catalog river.yaml is empty");
    expect(messageFrom(() => parseCatalog("just words", "river.yaml"))).to.equal(
      'UsageError: river.yaml:1:1: expected a mapping (key: value), found "just words"',
    );
  });

  it("finds mistakes behind an alias where they are written", () => {
    const aliased = exampleYaml
      .replace("[species, season]", "&both [species, seasn]")
      .replace("dimensions: []", "dimensions: *both");
    const lines = messageFrom(() => parseCatalog(aliased, "x.yaml")).split("\n");
    expect(lines.slice(1).map((line) => line.split(": ")[1])).to.deep.equal([
      "outcomes.stock.dimensions[1]",
      "outcomes.flow.dimensions[1]",
    ]);
  });

  it("that does not exist, or is a directory, is said plainly", async () => {
    const directory = await mkdtemp(join(tmpdir(), "catalog-"));
    const said = async (file: string) =>
      loadCatalog(file).then(String, (error: Error) => `${error.name}: ${error.message}`);
    try {
      const file = join(directory, "none.yaml");
      expect(await said(file)).to.equal(
        `UsageError: catalog ${file} does not exist; name a catalog with --catalog FILE`,
      );
      expect(await said(directory)).to.equal(
        `UsageError: catalog ${directory} is a directory; name a catalog with --catalog FILE`,
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
