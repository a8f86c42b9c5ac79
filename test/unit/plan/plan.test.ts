import { expect } from "chai";
import { describe, it } from "mocha";
import { resolveSelection } from "../../../runner/catalog/select.ts";
import { plotPath } from "../../../runner/layout.ts";
import { type CityPlan, type CityPlanSources, planCity } from "../../../runner/plan/plan.ts";
import type { IndexRow } from "../../../runner/records.ts";
import { exampleCatalog, first } from "../catalog/example.ts";
import { inputsOf, rowOf } from "./sources.ts";

const catalog = exampleCatalog();
const { selection } = resolveSelection(catalog, "all", { outcomes: ["stock"], statistics: ["mean"] });
const city = first(selection.cities);
/** 2 scenarios x 4 facets. */
const plots = 8;

function plan(changes: Partial<CityPlanSources> = {}): CityPlan {
  const sources = { catalog, selection, city, inputs: inputsOf(catalog, city), rows: [], image: "oak@1", force: false };
  return planCity({ ...sources, ...changes });
}

/** The rows that a run leaves which published everything planned. */
function published(done: CityPlan, image = "oak@1", run?: string): IndexRow[] {
  return done.due.flatMap((plot) => {
    const fingerprint = done.fingerprints.get(plot.scenario);
    return fingerprint === undefined
      ? []
      : [rowOf(catalog, plot, { fingerprint, image, ...(run === undefined ? {} : { run }) })];
  });
}

const rows = published(plan());

describe("the plan of a city", () => {
  it("has everything due where nothing was published", () => {
    const fresh = plan();
    expect(fresh.expected).to.have.lengthOf(plots);
    expect(fresh.due).to.deep.equal(fresh.expected);
    expect(fresh.why).to.equal("never published");
  });

  it("has nothing due where every plot has the present fingerprint", () => {
    const again = plan({ rows });
    expect(again.due).to.deep.equal([]);
    expect(again.current.map(({ plot }) => plot)).to.deep.equal(again.expected);
    expect(again.why).to.equal("nothing changed since 2026-11-15T090000Z-all");
  });

  it("ignores rows of plots that it does not expect", () => {
    const elsewhere = planCity({
      ...{ catalog, selection: resolveSelection(catalog, "all", { outcomes: ["flow"] }).selection, city },
      ...{ inputs: inputsOf(catalog, city), rows, image: "oak@1", force: false },
    });
    expect(elsewhere.current).to.deep.equal([]);
    expect(elsewhere.why).to.equal("never published");
  });

  it("has only those plots due that have no row", () => {
    const some = plan({ rows: rows.slice(3) });
    expect(some.due).to.deep.equal(some.expected.slice(0, 3));
    expect(some.current).to.have.lengthOf(plots - 3);
    expect(some.why).to.equal("3 of 8 plots were never published");
  });

  it("renders a scenario again whose file changed, and says which", () => {
    const changed = plan({ rows, inputs: inputsOf(catalog, city, { dams: "new" }) });
    expect(new Set(changed.due.map(({ scenario }) => scenario))).to.deep.equal(new Set(["dams"]));
    expect(changed.current).to.have.lengthOf(4);
    expect(changed.why).to.equal("inputs changed: dams.Rdata");
  });

  it("renders everything again where the baseline, the image or the catalog changed, and says which", () => {
    const inputs = inputsOf(catalog, city, { baseline: "new", dry: "new" });
    const other = exampleCatalog([["Fish stock", "Fish"]]);
    const digest = "0123456789abcdef".repeat(4);
    const cases: [Partial<CityPlanSources>, string][] = [
      [{ inputs }, "inputs changed: dry.Rdata, baseline"],
      [{ image: `oak@sha256:${digest}` }, "R image changed (oak@1 -> oak@sha256:0123456789ab)"],
      [{ image: "local:0123456789abcdef" }, "program changed (oak@1 -> local:0123456789ab)"],
      [{ catalog: other }, "catalog changed"],
      [{ image: "oak@2", catalog: other }, "R image changed (oak@1 -> oak@2); catalog changed"],
    ];
    for (const [changes, why] of cases) {
      const changed = plan({ rows, ...changes });
      expect(changed.due, why).to.deep.equal(changed.expected);
      expect(changed.why).to.equal(why);
    }
  });

  it("names changes and gaps together", () => {
    expect(plan({ rows: rows.slice(1), image: "oak@2" }).why).to.equal(
      "R image changed (oak@1 -> oak@2); 1 of 8 plots was never published",
    );
  });

  it("has everything due where it is forced, save in cities that the resumed run had finished", () => {
    const forced = plan({ rows, force: true });
    expect([forced.due.length, forced.why]).to.deep.equal([plots, "forced"]);
    const resumed = plan({ rows, force: true, alreadyDone: new Set([city]) });
    expect([resumed.due.length, resumed.why]).to.deep.equal([0, "nothing changed since 2026-11-15T090000Z-all"]);
    const others = plan({ rows, force: true, alreadyDone: new Set(selection.cities.slice(1)) });
    expect(others.due).to.have.lengthOf(plots);
  });

  it("without a baseline can draw nothing, and names the file", () => {
    const inputs = { ...inputsOf(catalog, city), baseline: undefined };
    const stuck = plan({ inputs, rows });
    expect(stuck.due).to.deep.equal([]);
    expect(stuck.current).to.deep.equal([]);
    expect(stuck.unavailable.map(({ plot }) => plot)).to.deep.equal(stuck.expected);
    expect(stuck.fingerprints).to.deep.equal(new Map());
    expect(stuck.why).to.equal("baseline missing: simulations/river-health/base/R.1_base.Rdata");
  });

  it("without a scenario's file draws the others, and names the file", () => {
    const inputs = inputsOf(catalog, city);
    const without = { ...inputs, scenarios: new Map([...inputs.scenarios].filter(([id]) => id !== "dry")) };
    const partial = plan({ inputs: without });
    expect(new Set(partial.due.map(({ scenario }) => scenario))).to.deep.equal(new Set(["dams"]));
    const path = "simulations/river-health/prerun/R.1/dry.Rdata";
    expect(new Set(partial.unavailable.map(({ reason }) => reason))).to.deep.equal(
      new Set([`scenario missing: ${path}`]),
    );
    expect(partial.why).to.equal(`never published; scenario missing: ${path}`);
    expect([...partial.fingerprints.keys()]).to.deep.equal(["dams"]);
  });

  it("puts each expected plot in exactly one of its lists", () => {
    const inputs = inputsOf(catalog, city);
    const without = { ...inputs, scenarios: new Map([...inputs.scenarios].filter(([id]) => id !== "dry")) };
    for (const made of [
      plan(),
      plan({ rows: rows.slice(5) }),
      plan({ rows, inputs: without }),
      plan({ force: true }),
    ]) {
      const parts = [...made.due, ...made.current.map(({ plot }) => plot), ...made.unavailable.map(({ plot }) => plot)];
      expect(parts.map(plotPath).toSorted()).to.deep.equal(made.expected.map(plotPath).toSorted());
    }
  });

  it("dates what has not changed by the newest of its runs", () => {
    const [early, late] = [
      published(plan(), "oak@1", "2026-11-01T090000Z-all"),
      published(plan(), "oak@1", "2026-11-08T090000Z-all"),
    ];
    expect(plan({ rows: [...late.slice(0, 2), ...early.slice(2)] }).why).to.equal(
      "nothing changed since 2026-11-08T090000Z-all",
    );
  });
});
