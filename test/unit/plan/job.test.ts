import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { z } from "zod";
import { loadCatalog } from "../../../runner/catalog/load.ts";
import { resolveSelection } from "../../../runner/catalog/select.ts";
import type { PlotId } from "../../../runner/domain.ts";
import { plotPath } from "../../../runner/layout.ts";
import { expectedPlots } from "../../../runner/plan/expected.ts";
import { type JobBlock, jobBlocks, jobFile } from "../../../runner/plan/job.ts";
import { everything, exampleCatalog, first } from "../catalog/example.ts";

const ryanWhite = await loadCatalog("catalog/ryan-white.yaml");
const full = resolveSelection(ryanWhite, "full").selection;
const baltimore = first(resolveSelection(ryanWhite, "full", { cities: ["Baltimore"] }).selection.cities);
const allOfBaltimore = expectedPlots(ryanWhite, full, baltimore);

/** What an image would draw, by path. */
function expand(blocks: readonly JobBlock[]): string[] {
  return blocks.flatMap(({ city, scenarios, outcomes, statistics, facets }) =>
    scenarios.flatMap((scenario) =>
      outcomes.flatMap((outcome) =>
        statistics.flatMap((statistic) =>
          facets.map((facet) => plotPath({ city, scenario, outcome, statistic, facet })),
        ),
      ),
    ),
  );
}

function paths(plots: readonly PlotId[]): string[] {
  return plots.map(plotPath).toSorted();
}

describe("a job", () => {
  it("asks for a whole city in one block per set of dimensions", () => {
    const blocks = jobBlocks(ryanWhite, allOfBaltimore);
    expect(blocks).to.have.lengthOf(3);
    expect(expand(blocks).toSorted()).to.deep.equal(paths(allOfBaltimore));
  });

  it("asks for exactly the plots given, each once, whatever they are and in whatever order", () => {
    const catalog = exampleCatalog();
    const selection = everything(catalog);
    const all = selection.cities.flatMap((city) => expectedPlots(catalog, selection, city));
    fc.assert(
      fc.property(fc.shuffledSubarray(all), (plots) => {
        expect(expand(jobBlocks(catalog, plots)).toSorted()).to.deep.equal(paths(plots));
      }),
      { numRuns: 300 },
    );
  });

  it("has the same blocks whatever the order of the plots", () => {
    const lines = (plots: readonly PlotId[]) => jobFile(ryanWhite, plots).replaceAll(/,$/gm, "").split("\n").toSorted();
    expect(lines(allOfBaltimore.toReversed())).to.deep.equal(lines(allOfBaltimore));
  });

  it("for what one scenario lacks is one block", () => {
    const lacking = allOfBaltimore.filter(
      ({ scenario, outcome, facet }) => scenario === "cessation" && outcome === "new" && facet.startsWith("age"),
    );
    expect(jobBlocks(ryanWhite, lacking)).to.deep.equal([
      {
        city: "C.12580",
        scenarios: ["cessation"],
        outcomes: ["new"],
        statistics: ["mean.and.interval", "median.and.interval", "individual.simulation"],
        facets: [
          "age",
          "age+race",
          "age+sex",
          "age+risk",
          "age+race+sex",
          "age+race+risk",
          "age+sex+risk",
          "age+race+sex+risk",
        ],
      },
    ]);
  });

  it("takes milliseconds for a city", () => {
    jobFile(ryanWhite, allOfBaltimore);
    const times = Array.from({ length: 5 }, () => {
      const began = performance.now();
      jobFile(ryanWhite, allOfBaltimore);
      return performance.now() - began;
    });
    expect(Math.min(...times)).to.be.below(50);
  });
});

describe("a job file", () => {
  it("is what the batch contract says, with what of the catalog it uses", () => {
    const catalog = exampleCatalog();
    const { selection } = resolveSelection(catalog, "small", { cities: ["R.1"] });
    expect(jobFile(catalog, expectedPlots(catalog, selection, first(selection.cities)))).to.equal(`{
  "jobs": [
    {"city": "R.1", "scenarios": ["dry"], "outcomes": ["stock"], "statistics": ["mean"], "facets": ["none", "species+season"]}
  ],
  "expected_plots": 2,
  "catalog": {
    "model": "river-health",
    "cities": {"R.1": "Elbe-Upper, CZ"},
    "scenarios": {"dry": "Dry summers"},
    "outcomes": {"stock": {"name": "Fish stock", "unit": "fish/km", "kind": "count", "dimensions": ["species", "season"]}},
    "dimensions": {"species": ["trout", "eel"], "season": ["spring", "summer", "autumn"]},
    "limits": {"points": 1000, "bytes": 100000}
  }
}
`);
  });

  it("is ASCII and means the same, for an image without a locale", async () => {
    const weather = await loadCatalog("test/support/weather/weather.yaml");
    const { selection } = resolveSelection(weather, "all");
    const text = jobFile(weather, expectedPlots(weather, selection, first(selection.cities)));
    expect(text).to.match(/^[\n -~]*$/);
    const read: unknown = parse(text, { version: "1.1" });
    expect(read).to.have.nested.property("catalog.outcomes.temperature.unit", "°C");
  });

  it("says nothing of strata that the catalog does not list", () => {
    const catalog = exampleCatalog();
    const { selection } = resolveSelection(catalog, "all", { outcomes: ["oxygen"], facets: ["depth"] });
    const file = parse(jobFile(catalog, expectedPlots(catalog, selection, first(selection.cities))));
    expect(file.catalog.dimensions).to.deep.equal({ season: ["spring", "summer", "autumn"], depth: null });
  });

  it("has the names of strata beside their identifiers, where the catalog gives some", () => {
    const catalog = exampleCatalog([["[trout, eel]", "[{ id: trout, name: Brown trout }, eel]"]]);
    const { selection } = resolveSelection(catalog, "small");
    const file = parse(jobFile(catalog, expectedPlots(catalog, selection, first(selection.cities))));
    expect(file.catalog.dimensions.species).to.deep.equal(["trout", "eel"]);
    expect(file.catalog.strata_names).to.deep.equal({ species: { trout: "Brown trout" } });
  });

  it("is JSON too, for a program without a YAML library", async () => {
    const weather = await loadCatalog("test/support/weather/weather.yaml");
    const { selection } = resolveSelection(weather, "all");
    const text = jobFile(weather, expectedPlots(weather, selection, first(selection.cities)));
    expect(JSON.parse(text)).to.deep.equal(parse(text));
    const named = exampleCatalog([["dry: Dry summers", 'dry: "\u{1f41f} \u00e9 \\"x\\""']]);
    const small = resolveSelection(named, "small").selection;
    const read = JSON.parse(jobFile(named, expectedPlots(named, small, first(small.cities))));
    expect(read.catalog.scenarios.dry).to.equal('\u{1f41f} \u00e9 "x"');
  });

  it("reads the same in YAML 1.1 and 1.2, even where names look like something else", () => {
    const catalog = exampleCatalog([
      ["{ dry: Dry summers, dams: New dams }", '{ no: "Off", "2030": "1_000", y: "12:30" }'],
      ["scenarios: [dry]", 'scenarios: [no, y, "2030"]'],
    ]);
    const { selection } = resolveSelection(catalog, "small");
    const plots = expectedPlots(catalog, selection, first(selection.cities));
    const file = jobFile(catalog, plots);
    const Jobs = z.object({
      jobs: z.array(z.object({ scenarios: z.array(z.string()) })),
      catalog: z.object({ scenarios: z.record(z.string(), z.string()) }),
    });
    for (const version of ["1.1", "1.2"] as const) {
      const read = Jobs.parse(parse(file, { version }));
      expect(read.jobs.flatMap(({ scenarios }) => scenarios)).to.have.members(["no", "2030", "y"]);
      expect(read.catalog.scenarios).to.deep.equal({ no: "Off", "2030": "1_000", y: "12:30" });
    }
  });
});
