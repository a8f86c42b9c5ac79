import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parseCatalog } from "../../../runner/catalog/load.ts";
import { resolveSelection } from "../../../runner/catalog/select.ts";
import { expectedCounts } from "../../../runner/plan/expected.ts";
import { messageFrom } from "./example.ts";

const text = await readFile("docs/catalog.md", "utf8");
const example = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? "";

describe("docs/catalog.md", () => {
  it("has an example that works as it stands", () => {
    const catalog = parseCatalog(example, "rivers.yaml");
    const counts = [...catalog.presets.keys()].map(
      (preset) => expectedCounts(catalog, resolveSelection(catalog, preset).selection).expected,
    );
    // 2 rivers x 2 scenarios x (4 + 4 + 1) facets
    expect(counts).to.deep.equal([2, 36]);
  });

  it("shows mistakes as they are told", () => {
    const wrong = example
      .replace("kind: count, dimensions: [species, season]", "kind: count, dimensions: [species, seson]")
      .replace("cities: [R.1]", "cities: [R.3]");
    const told = messageFrom(() => parseCatalog(wrong, "rivers.yaml")).replace("UsageError: ", "");
    for (const line of told.split("\n")) expect(text).to.include(`    ${line}\n`);
  });
});
