/** How a catalog's bytes become texts and numbers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { loadCatalog } from "../../../runner/catalog/load.ts";
import { resolveSelection } from "../../../runner/catalog/select.ts";
import { exampleCatalog, exampleYaml, messageFrom } from "./example.ts";

/** What is made of a catalog with these bytes: its cities' names, or the message. `FILE` stands for the file's path. */
async function load(bytes: Uint8Array): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "catalog-"));
  const file = join(directory, "c.yaml");
  try {
    await writeFile(file, bytes);
    const catalog = await loadCatalog(file);
    return [...catalog.cities.values()].map(({ name }) => name).join("; ");
  } catch (thrown) {
    return String(thrown).replaceAll(file, "FILE");
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe("a catalog's file", () => {
  it("in Latin-1 is refused with the place of the byte and the remedy", async () => {
    const latin1 = Buffer.from(exampleYaml.replace("Rhine", "Rh\u00f4ne"), "latin1");
    expect(await load(latin1)).to.equal(
      "UsageError: FILE:4:26: the catalog is not UTF-8: byte 96 (line 4, column 26) is 0xF4; save the file as UTF-8",
    );
  });

  it("may begin with a byte-order mark", async () => {
    expect(await load(Buffer.from(`\uFEFF${exampleYaml}`))).to.equal("Elbe-Upper, CZ; Rhine");
  });
});

describe("a catalog's texts", () => {
  const lookalikes = ["1.10", "010", "1e3", "0x1F", "no", "yes", "2026-01-01", "null", "~", "true", "1_000"];

  it("stay as they were written where they look like numbers, booleans, dates or nothing", () => {
    const { dimensions, cities, scenarios, outcomes } = exampleCatalog([
      ["[trout, eel]", `[${lookalikes.join(", ")}]`],
      ["name: Rhine", "name: 1.10"],
      ["dry: Dry summers", "dry: no"],
      ["unit: fish/km", "unit: 1e3"],
      ["kind: count, dimensions: [species, season]", "kind: !!str count, dimensions: [species, season]"],
    ]);
    expect([...dimensions.values()][0]?.strata).to.deep.equal(lookalikes);
    expect([...cities.values()][1]?.name).to.equal("1.10");
    expect([...scenarios.values()][0]?.name).to.equal("no");
    expect([...outcomes.values()][0]?.unit).to.equal("1e3");
  });

  it("may be identifiers, as keys and in lists, in the order of the file", () => {
    const catalog = exampleCatalog([
      ["code: R.1", "code: 1.10"],
      ["[R.2, R.1]", "[R.2, 1.10]"],
      ["{ dry: Dry summers,", "{ no: Dry summers, 0x1F: Heat, 12: Rain, null: Nothing, 7: Frost,"],
      ["scenarios: [dry]", "scenarios: [no, 0x1F, null]"],
      ["season: [spring, summer, autumn]", "season: [spring, summer, autumn]\n  2: [a]"],
      ["dimensions: [species, season] }", "dimensions: [species, 2] }"],
      ["season+species", "2+species"],
    ]);
    expect([...catalog.cities.keys()]).to.deep.equal(["1.10", "R.2"]);
    expect([...catalog.scenarios.keys()]).to.deep.equal(["no", "0x1F", "12", "null", "7", "dams"]);
    expect([...catalog.dimensions.keys()]).to.deep.equal(["species", "season", "2", "depth"]);
    const { selection } = resolveSelection(catalog, "small");
    expect(selection.scenarios).to.deep.equal(["no", "0x1F", "null"]);
    expect(selection.facets).to.deep.equal(["none", "species+2"]);
  });

  it("that differ only as numbers are different identifiers", () => {
    const { cities } = exampleCatalog([
      ["code: R.1", "code: 1.1"],
      ["code: R.2", "code: 1.10"],
      ["cities: [R.2, R.1]", "cities: [1.1, 1.10]"],
    ]);
    expect([...cities.keys()]).to.deep.equal(["1.1", "1.10"]);
  });

  it("mean the undivided facet, and strata that are not listed, where nothing, `~` or `null` is written", () => {
    for (const nothing of ["~", "null", ""]) {
      const { dimensions, presets } = exampleCatalog([
        ["depth: ~", `depth: ${nothing}`],
        ["facets: [~, season+species] }", "facets: all }"],
        ["facets: all }", `facets: [${nothing || '"~"'}] }`],
      ]);
      expect([...dimensions.values()][2]?.strata).to.equal(undefined);
      expect(presets.get("small")?.facets).to.deep.equal(["none"]);
    }
  });

  it("are read as numbers where a number is expected", () => {
    const { limits, cities } = exampleCatalog([
      ["points: 1000, bytes: 100000", "points: 1e3, bytes: 0x10"],
      ["name: Rhine }", "name: Rhine, coordinates: [7.5, -050], population: 12 }"],
    ]);
    expect(limits).to.deep.equal({ points: 1000, bytes: 16 });
    expect([...cities.values()][1])
      .to.include({ population: 12 })
      .and.to.deep.include({ coordinates: [7.5, -50] });
    expect(messageFrom(() => exampleCatalog([["points: 1000", "points: 0"]]))).to.equal(
      "UsageError: river.yaml:15:19: limits.points: expected a number above 0, found 0",
    );
  });

  it("are compared without regard to how accents are written", () => {
    const catalog = exampleCatalog([["name: Rhine", "name: Rho\u0302ne"]]);
    const { selection } = resolveSelection(catalog, "all", { cities: ["rh\u00f4ne"] });
    expect(selection.cities).to.deep.equal(["R.2"]);
  });
});
