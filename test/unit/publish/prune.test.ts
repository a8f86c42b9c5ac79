import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { PlotId } from "../../../runner/domain.ts";
import { plotKey, plotsPrefix, runKeys } from "../../../runner/layout.ts";
import { figureOf, type PruneOptions, prune } from "../../../runner/publish/prune.ts";
import { rollback } from "../../../runner/publish/rollback.ts";
import type { LocalStores } from "../../../runner/stores/local/open.ts";
import { bytes, collect, indexRow, json, model, plot, rejection, runId, sha } from "../../support/samples.ts";
import { startProgram } from "../stores/program.ts";
import { sandbox } from "../stores/sandbox.ts";
import { contentSha, keyOf, publishRun } from "./history.ts";

const one = plot("C.1");
const options: PruneOptions = { model, inCatalog: () => true };
const plotsOf = async ({ objects }: LocalStores) =>
  (await collect(objects.list(plotsPrefix(model)))).map(({ key }) => key);

describe("prune", () => {
  const box = sandbox();

  /** Runs 1 to n, each with another figure of the same plot. */
  async function runs(n: number, id: PlotId = one) {
    const stores = await box.stores();
    for (let run = 1; run <= n; run += 1)
      await publishRun(stores, runId(run), [{ plot: id, content: `figure ${run}` }]);
    return stores;
  }
  const figures = (...numbers: number[]) => numbers.map((n) => keyOf(one, `figure ${n}`)).toSorted();

  it("keeps what the last ten states name and removes what only earlier ones do", async () => {
    const stores = await runs(12);
    const result = await prune(stores, options);
    expect(await plotsOf(stores)).to.deep.equal(figures(3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    expect(result.removed).to.deep.include({ objects: 2, keys: figures(1, 2) });
    expect(result.removed.bytes).to.equal(2 * gzipSync("figure 1").length);
    expect(result.kept.objects).to.equal(10);
    expect(result.runs).to.deep.equal([12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map(runId));
    await rollback(stores, runId(3), model);
    expect((await rejection(rollback(stores, runId(2), model))).message).to.contain("is gone");
  });

  it("keeps everything that runs left behind in runs/", async () => {
    const stores = await runs(4);
    await stores.objects.put({ key: runKeys.log(runId(1), one.city), body: bytes("log"), contentType: "text/plain" });
    const before = await collect(stores.objects.list("runs/"));
    await prune(stores, { ...options, keepStates: 1 });
    expect(await collect(stores.objects.list("runs/"))).to.deep.equal(before);
  });

  it("keeps what only the index names, however old", async () => {
    const stores = await runs(3);
    await rollback(stores, runId(1), model);
    await prune(stores, { ...options, keepStates: 1 });
    expect(await plotsOf(stores)).to.deep.equal(figures(1, 3));
  });

  it("keeps what a kept run's snapshot has of other cities", async () => {
    const stores = await runs(1);
    const other = plot("C.2");
    for (const n of [2, 3]) await publishRun(stores, runId(n), [{ plot: other, content: `other ${n}` }]);
    // run 4 draws the first city again: only the snapshots of 2 and 3 still name the first figure
    await publishRun(stores, runId(4), [{ plot: one, content: "figure 4" }]);
    await prune(stores, { ...options, keepStates: 2 });
    expect(await plotsOf(stores)).to.include(keyOf(one, "figure 1"));
    await rollback(stores, runId(3), model);
  });

  it("does not count runs that were killed, removes what they uploaded in vain, keeps what they listed", async () => {
    const stores = await runs(2);
    await publishRun(stores, runId(3), [{ plot: one, content: "in vain" }], { killed: "before rows" });
    await publishRun(stores, runId(4), [{ plot: plot("C.2"), content: "listed" }], { killed: "before manifest" });
    const result = await prune(stores, { ...options, keepStates: 2 });
    expect(result.runs).to.deep.equal([runId(2), runId(1)]);
    expect(await plotsOf(stores)).to.deep.equal([...figures(1, 2), keyOf(plot("C.2"), "listed")]);
  });

  it("keeps what only a manifest names, of a run that was killed before its snapshot", async () => {
    const stores = await runs(1);
    await publishRun(stores, runId(2), [{ plot: one, content: "listed" }], { killed: "before snapshot" });
    await publishRun(stores, runId(3), [{ plot: one, content: "figure 3" }]);
    const result = await prune(stores, { ...options, keepStates: 2 });
    expect(result.runs).to.deep.equal([runId(3), runId(1)]);
    expect(await plotsOf(stores)).to.have.members([...figures(1, 3), keyOf(one, "listed")]);
  });

  it("lets pages go and stay with their figures, and what they share stays", async () => {
    const stores = await box.stores();
    const shared = [
      `${plotsPrefix(model)}plotly.min.js`,
      `${plotsPrefix(model)}C.1/notes.json`,
      "plots/other/C.1/s/o.json",
    ];
    for (const key of shared) await stores.objects.put({ key, body: bytes("shared"), contentType: json });
    for (const n of [1, 2]) {
      await publishRun(stores, runId(n), [{ plot: one, content: `figure ${n}`, html: true }]);
    }
    await prune(stores, { ...options, keepStates: 1 });
    const left = (await collect(stores.objects.list("plots/"))).map(({ key }) => key);
    const page = plotKey(model, one, contentSha("figure 2"), "html");
    expect(left).to.have.members([...shared, ...figures(2), page]);
  });

  it("only says what would go when it is a dry run, even while a run is at work", async () => {
    const stores = await runs(3);
    const other = startProgram("take-lock", stores.home.root, model);
    box.afterwards(() => other.kill());
    expect(await other.line()).to.equal("held");
    const result = await prune(stores, { ...options, keepStates: 1, dryRun: true });
    expect(result).to.deep.include({ dryRun: true, rowsRemoved: 0 });
    expect(result.removed.keys).to.deep.equal(figures(1, 2));
    expect(await plotsOf(stores)).to.have.length(3);
    const refused = await rejection(prune(stores, { ...options, keepStates: 1 }));
    expect(refused).to.include({ name: "Locked", exitCode: 4 });
    expect(await plotsOf(stores)).to.have.length(3);
  });

  it("at the end of a run works under that run's lease, and stops when it is lost", async () => {
    const stores = await runs(3);
    await stores.lock.acquire({ run: runId(3), owner: "host:1", since: "2026-11-03T09:00:00.000Z" });
    const lost = { check: () => Promise.reject(new Error("lost")) };
    expect((await rejection(prune(stores, { ...options, keepStates: 1, lease: lost }))).message).to.equal("lost");
    expect(await plotsOf(stores)).to.have.length(3);
    await prune(stores, { ...options, keepStates: 1, lease: { check: async () => {} } });
    expect(await plotsOf(stores)).to.deep.equal(figures(3));
  });

  for (const kind of ["manifest", "index"] as const) {
    it(`removes nothing when the ${kind} of a kept run is damaged, and names it`, async () => {
      const stores = await runs(1);
      // of a run that was killed before its snapshot the manifest is all there is
      const killed = kind === "manifest" ? ({ killed: "before snapshot" } as const) : {};
      await publishRun(stores, runId(2), [{ plot: one, content: "figure 2" }], killed);
      await publishRun(stores, runId(3), [{ plot: one, content: "figure 3" }]);
      const key = runKeys[kind](runId(2));
      const body = await stores.objects.get(key);
      await stores.objects.put({ key, body: body?.subarray(0, 40) ?? bytes(""), contentType: json });
      const failed = await rejection(prune(stores, { ...options, keepStates: 2 }));
      expect(failed).to.include({ name: "UnavailableError", exitCode: 3 });
      expect(failed.message).to.contain("nothing was removed").and.contain(key).and.contain(runId(2));
      expect(await plotsOf(stores)).to.have.length(3);
      // a run that need not be kept may be damaged
      await prune(stores, { ...options, keepStates: 1 });
      expect(await plotsOf(stores)).to.deep.equal(figures(3));
    });
  }

  it("reports rows that the catalog no longer names, and removes them only when asked", async () => {
    const stores = await runs(1);
    const stray = plot("C.9");
    await publishRun(stores, runId(2), [{ plot: stray, content: "stray" }]);
    await publishRun(stores, runId(3), [{ plot: one, content: "figure 3" }]);
    const inCatalog: PruneOptions["inCatalog"] = ({ city_scenario }) => !city_scenario.startsWith("C.9#");
    const { city_scenario, outcome_stat_facet } = indexRow(stray, sha("a"));
    const strayRows = [{ city_scenario, outcome_stat_facet }];

    const reported = await prune(stores, { ...options, inCatalog });
    expect(reported).to.deep.include({ strayRows, rowsRemoved: 0 });
    expect(await collect(stores.index.all())).to.have.length(2);

    const removed = await prune(stores, { ...options, inCatalog, rows: true });
    expect(removed).to.deep.include({ strayRows, rowsRemoved: 1 });
    expect((await collect(stores.index.all())).map((row) => row.city_scenario)).to.deep.equal(["C.1#cessation"]);
    // the snapshot of run 3 still has it
    expect(await plotsOf(stores)).to.include(keyOf(stray, "stray"));
    await publishRun(stores, runId(4), []);
    await prune(stores, { ...options, inCatalog, keepStates: 1 });
    expect(await plotsOf(stores)).to.deep.equal(figures(3));
  });

  it("works in batches: more objects than one holds go all the same", async () => {
    const stores = await box.stores();
    const keys = Array.from({ length: 1100 }, (_, n) => keyOf(plot(`C.${n % 4}`, `f${n}`), "old"));
    await Promise.all(keys.map((key) => stores.objects.put({ key, body: bytes("x"), contentType: json })));
    expect((await prune(stores, options)).removed.objects).to.equal(1100);
    expect(await plotsOf(stores)).to.deep.equal([]);
  });
});

describe("figure of an object", () => {
  const figure = keyOf(one, "figure");

  it("is itself, or the one beside a page", () => {
    expect(figureOf(model, figure)).to.equal(figure);
    expect(figureOf(model, figure.replace(".json", ".html"))).to.equal(figure);
  });

  it("does not exist for anything that is no plot of the model", () => {
    for (const other of [
      figure.replace("ryan-white", "other"),
      `runs/${figure}`,
      "plots/ryan-white/plotly.min.js",
      "plots/ryan-white/C.1/cessation/incidence.json",
      figure.replace(".json", ".js"),
      `${figure}.tmp`,
    ]) {
      expect(figureOf(model, other), other).to.equal(undefined);
    }
  });
});
