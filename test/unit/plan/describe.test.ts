import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { resolveSelection } from "../../../runner/catalog/select.ts";
import { type PlannedRun, planDescription, planText } from "../../../runner/plan/describe.ts";
import { planFiles } from "../../../runner/plan/files.ts";
import { jobFile } from "../../../runner/plan/job.ts";
import { planCity } from "../../../runner/plan/plan.ts";
import { exampleCatalog } from "../catalog/example.ts";
import { inputsOf, rowOf } from "./sources.ts";

const catalog = exampleCatalog([["name: Rhine }", "name: Rhine }\n  - { code: R.30, name: Po }"]]);
const { selection } = resolveSelection(catalog, "all");

/** The first city is published, the second new, the third without a baseline. */
function plannedRun(estimate: PlannedRun["estimate"] = undefined): PlannedRun {
  const plans = selection.cities.map((city, place) => {
    const files = inputsOf(catalog, city);
    const inputs = place === 2 ? { ...files, baseline: undefined } : files;
    const fresh = planCity({ catalog, selection, city, inputs, rows: [], image: "oak", force: false });
    const rows = fresh.due.flatMap((plot) => {
      const fingerprint = fresh.fingerprints.get(plot.scenario);
      return fingerprint === undefined ? [] : [rowOf(catalog, plot, { fingerprint, image: "oak" })];
    });
    return place === 0 ? planCity({ catalog, selection, city, inputs, rows, image: "oak", force: false }) : fresh;
  });
  return { catalog, preset: "all", selection, plans, workers: 2, estimate };
}

describe("a plan as text", () => {
  it("has a line per city and why, then totals", () => {
    expect(planText(planDescription(plannedRun())).split("\n")).to.deep.equal([
      "city  name            due  of  why",
      "R.1   Elbe   skip       0  36  nothing changed since 2026-11-15T090000Z-all",
      "R.2   Rhine  run       36  36  never published",
      "R.30  Po     blocked    0  36  baseline missing: simulations/river-health/base/R.30_base.Rdata",
      "",
      "all: 288 combinations, 180 not applicable by the catalog, 108 plots expected",
      "1 city would run (36 plots), 1 would be skipped, 1 can't run for want of an input, 36 plots can't be drawn",
      "estimate: not enough history yet",
      "",
    ]);
  });

  it("estimates from history where there is any", () => {
    const text = planText(
      planDescription(plannedRun({ seconds: 700, bytes: 1.25e9, basis: "31 cities rendered on 2026-11-15" })),
    );
    expect(text).to.include(
      "estimate: about 12 min with 2 workers and 1.25 GB of figures, from 31 cities rendered on 2026-11-15\n",
    );
  });

  it("separates thousands", () => {
    const plan = planDescription(plannedRun());
    const text = planText({ ...plan, counts: { combinations: 62496, notApplicable: 6138, expected: 56358 } });
    expect(text).to.include("62,496 combinations, 6,138 not applicable by the catalog, 56,358 plots expected");
  });
});

describe("a plan for programs", () => {
  it("says the same, in numbers that add up", () => {
    const plan = planDescription(plannedRun());
    expect(plan.counts).to.deep.equal({ combinations: 288, notApplicable: 180, expected: 108 });
    expect(plan.plots).to.deep.equal({ due: 36, current: 36, unavailable: 36 });
    expect(plan.cities[1]).to.deep.equal({
      ...{ city: "R.2", name: "Rhine", action: "run", expected: 36, due: 36, current: 0, unavailable: 0 },
      why: "never published",
    });
    expect(JSON.parse(JSON.stringify(plan))).to.deep.equal({ ...plan, estimate: null });
  });
});

describe("a plan as files", () => {
  it("is a master plan, and the job file of each city that would run", () => {
    const run = plannedRun();
    const [master, ...jobs] = planFiles(run);
    expect(jobs).to.deep.equal([{ path: "jobs/R.2.yaml", text: jobFile(catalog, run.plans[1]?.due ?? []) }]);
    expect(master?.path).to.equal("master_plan.yaml");
    const read = parse(master?.text ?? "");
    expect(read.counts.expected).to.equal(108);
    expect(read.cities.map(({ job }: { job: unknown }) => job)).to.deep.equal([null, "jobs/R.2.yaml", null]);
  });
});
