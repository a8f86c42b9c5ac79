import { expect } from "chai";
import { describe, it } from "mocha";
import { type EstimateSources, estimate } from "../../../runner/plan/estimate.ts";
import { expectedPlots } from "../../../runner/plan/expected.ts";
import { everything, exampleCatalog, first } from "../catalog/example.ts";
import { renderOf, rowOf, sha } from "./sources.ts";

const catalog = exampleCatalog();
const selection = everything(catalog);
const [one, two] = [first(selection.cities), first(selection.cities.slice(1))];
/** 2 scenarios x 2 statistics x (4 + 4 + 1) facets. */
const plots = 36;

function plan(sources: Partial<EstimateSources> = {}) {
  const plans = selection.cities.map((city) => ({ city, due: expectedPlots(catalog, selection, city) }));
  return estimate({ plans, history: [], rows: [], workers: 1, ...sources });
}

function row(city: typeof one, place: number, bytes: number) {
  const plot = first(expectedPlots(catalog, selection, city).slice(place));
  return rowOf(catalog, plot, { fingerprint: sha("f"), image: "oak", bytes });
}

describe("an estimate", () => {
  it("is none where nothing was ever drawn", () => {
    expect(plan()).to.equal(undefined);
    expect(plan({ history: [renderOf(one, "2026-11-08T090000Z-all", 0, 1)] })).to.equal(undefined);
  });

  it("scales a city's own render, and takes the median for a city that has none", () => {
    const history = [renderOf(one, "2026-11-08T090000Z-all", plots * 2, 20)];
    expect(plan({ history })?.seconds).to.equal(20);
    const faster = [...history, renderOf(two, "2026-11-08T090000Z-all", plots * 2, 10)];
    expect(plan({ history: faster })?.seconds).to.equal(15);
  });

  it("goes by R's own seconds, not by a city's wait for a worker", () => {
    const render = renderOf(one, "2026-11-08T090000Z-all", plots, 6);
    expect(render.seconds).to.be.above(100);
    expect(plan({ history: [render] })?.seconds).to.equal(12);
  });

  it("takes the median of a city's renders, so that one slow run does not count", () => {
    const history = [4, 40, 5].map((seconds, week) =>
      renderOf(one, `2026-11-0${week + 1}T090000Z-all`, plots, seconds),
    );
    expect(plan({ history })?.seconds).to.equal(10);
  });

  it("does not take a start of R for the time of one plot: a render of few plots tells nothing of many", () => {
    // 5 s to start and 0.1 s a plot
    const minimal = renderOf(one, "2026-11-01T090000Z-all", 1, 5.1);
    expect(plan({ history: [minimal] })).to.equal(undefined);
    const large = renderOf(one, "2026-11-08T090000Z-all", 10 * plots, 5 + plots);
    const similar = renderOf(one, "2026-11-08T090000Z-all", plots, 8.6);
    expect(plan({ history: [minimal, large] })?.seconds).to.be.closeTo(2 * (0.5 + 0.1 * plots), 0.001);
    expect(plan({ history: [minimal, large, similar] })?.seconds).to.be.closeTo(2 * (5 + 0.1 * plots), 0.001);
  });

  it("shares the work among workers, and no city among several", () => {
    const history = [
      renderOf(one, "2026-11-08T090000Z-all", plots, 30),
      renderOf(two, "2026-11-08T090000Z-all", plots, 10),
    ];
    expect([1, 2, 9].map((workers) => plan({ history, workers })?.seconds)).to.deep.equal([40, 30, 30]);
  });

  it("takes no time for cities that are skipped", () => {
    const history = [renderOf(one, "2026-11-08T090000Z-all", plots, 30)];
    const plans = [
      { city: one, due: [] },
      { city: two, due: expectedPlots(catalog, selection, two) },
    ];
    expect(plan({ history, plans })?.seconds).to.equal(30);
    expect(plan({ history, plans: plans.slice(0, 1) })?.seconds).to.equal(0);
  });

  it("adds up sizes: a plot's own, else that of the same plot elsewhere, else the average", () => {
    const history = [renderOf(one, "2026-11-08T090000Z-all", plots, 30)];
    const rows = [row(one, 0, 10), row(two, 0, 50), row(two, 1, 300)];
    const [a, b, c] = expectedPlots(catalog, selection, one);
    const due = [a, b, c].flatMap((plot) => plot ?? []);
    expect(plan({ history, rows, plans: [{ city: one, due }] })?.bytes).to.equal(10 + 300 + 120);
    expect(plan({ history })).not.to.have.property("bytes");
  });

  it("says what it rests on", () => {
    const history = [
      renderOf(one, "2026-11-08T090000Z-all", plots, 5),
      renderOf(two, "2026-11-15T090000Z-all", plots, 5),
    ];
    expect(plan({ history })?.basis).to.equal("2 cities rendered between 2026-11-08 and 2026-11-15");
    expect(plan({ history: history.slice(1) })?.basis).to.equal("1 city rendered on 2026-11-15");
  });
});
