import { expect } from "chai";
import { describe, it } from "mocha";
import { pinKeys, runKeys } from "../../../runner/layout.ts";
import { latestChange, previousState } from "../../../runner/publish/latest.ts";
import { pin, pinnedRuns, unpin } from "../../../runner/publish/pins.ts";
import { prune } from "../../../runner/publish/prune.ts";
import { previewRollback, rollback } from "../../../runner/publish/rollback.ts";
import type { RunRecord } from "../../../runner/records.ts";
import type { LocalStores } from "../../../runner/stores/local/open.ts";
import { collect, model, plot, rejection, runId } from "../../support/samples.ts";
import { sandbox } from "../stores/sandbox.ts";
import { keyOf, publishRun, type RunEnd } from "./history.ts";

const one = plot("C.1");
const two = plot("C.2");

async function recordOf({ ledger }: LocalStores, n: number): Promise<RunRecord> {
  const record = await ledger.run(runId(n));
  if (record === undefined) throw new Error(`no run ${n}`);
  return record;
}

/** What the report of the run offers to go back to. */
async function offeredAfter(stores: LocalStores, n: number) {
  const { index } = await recordOf(stores, n);
  return previousState(stores, { run: runId(n), digest: index?.digest });
}

describe("going back", () => {
  const box = sandbox();

  /** Runs 1 to n: of both plots, each with its own content or none. */
  async function history(...contents: readonly (readonly [string | undefined, string | undefined, RunEnd?])[]) {
    const stores = await box.stores();
    for (const [n, content] of contents.entries()) await next(stores, n + 1, ...content);
    return stores;
  }
  const next = (stores: LocalStores, n: number, a: string | undefined, b: string | undefined, end: RunEnd = {}) =>
    publishRun(
      stores,
      runId(n),
      [
        { plot: one, content: a },
        { plot: two, content: b },
      ],
      end,
    );

  it("is offered to the state before the run", async () => {
    const stores = await history(["a1", "b1"], ["a2", "b2"]);
    expect(await offeredAfter(stores, 2)).to.equal(runId(1));
  });

  it("is not offered to the state of an incomplete run, nor to an empty index", async () => {
    const stores = await history([undefined, undefined], ["a2", undefined]);
    expect(await offeredAfter(stores, 2)).to.equal(undefined);
    await next(stores, 3, "a3", "b3");
    expect(await offeredAfter(stores, 3)).to.equal(undefined);
    await next(stores, 4, "a4", "b4");
    expect(await offeredAfter(stores, 4)).to.equal(runId(3));
  });

  it("is not offered to a state that a later run of other cities left unfinished", async () => {
    const stores = await history(["a1", "b1"], ["a2", undefined]);
    await publishRun(stores, runId(3), [{ plot: one, content: "a3" }]);
    expect((await recordOf(stores, 3)).state).to.equal("complete");
    await next(stores, 4, "a4", "b4");
    expect(await offeredAfter(stores, 4)).to.equal(runId(1));
  });

  it("is offered to a state that a run of the unfinished city alone made whole", async () => {
    const stores = await history(["a1", "b1"], ["a2", undefined]);
    await publishRun(stores, runId(3), [{ plot: two, content: "b3" }]);
    await next(stores, 4, "a4", "b4");
    expect(await offeredAfter(stores, 4)).to.equal(runId(3));
  });

  it("is not offered to the state that readers see already", async () => {
    const stores = await history(["a1", "b1"], ["a2", "b2"], ["a2", "b2"]);
    expect(await offeredAfter(stores, 3)).to.equal(runId(1));
    const same = await history(["a1", "b1"], ["a1", "b1"]);
    expect(await offeredAfter(same, 2)).to.equal(undefined);
  });

  it("never leads to what somebody rolled back from, even where a run drew it again", async () => {
    const stores = await history(["a1", "b1"], ["bad", "bad"]);
    await rollback(stores, runId(1), model);
    await next(stores, 3, "a3", "b3");
    expect(await offeredAfter(stores, 3)).to.equal(runId(1));
    await next(stores, 4, "bad", "bad");
    await next(stores, 5, "a5", "b5");
    expect(await offeredAfter(stores, 5)).to.equal(runId(3));
  });

  it("may lead to a state again that was rolled back from by mistake", async () => {
    const stores = await history(["a1", "b1"], ["a2", "b2"]);
    await rollback(stores, runId(1), model);
    await rollback(stores, runId(2), model);
    await next(stores, 3, "a3", "b3");
    expect(await offeredAfter(stores, 3)).to.equal(runId(2));
  });

  it("reads the snapshots of runs whose records are from versions up to 0.1.0", async () => {
    const old = { old: true };
    const stores = await history(["a1", "b1", old], [undefined, "b2", old], ["a1", "b1", old], ["a4", "b4", old]);
    expect(await offeredAfter(stores, 4)).to.equal(runId(3));
    await next(stores, 5, "a4", "b4");
    expect(await offeredAfter(stores, 5)).to.equal(runId(3));
  });

  it("is not offered where the snapshot is gone", async () => {
    const stores = await history(["a1", "b1"], ["a2", "b2"], ["a3", "b3"]);
    await stores.objects.remove([runKeys.index(runId(2))]);
    expect(await offeredAfter(stores, 3)).to.equal(runId(1));
  });

  it("follows the order of runs where the clock jumped", async () => {
    // the second run by its order has the smallest id, since the clock had gone back
    const stores = await box.stores();
    await next(stores, 20, "a1", "b1");
    await next(stores, 5, "a2", "b2");
    await next(stores, 12, "a3", "b3");
    expect((await latestChange(stores))?.run.id).to.equal(runId(12));
    expect(await offeredAfter(stores, 12)).to.equal(runId(5));
    expect((await stores.ledger.runs()).map(({ id }) => id)).to.deep.equal([12, 5, 20].map(runId));
    await rollback(stores, runId(20), model);
    expect((await latestChange(stores))?.run.id).to.equal(runId(20));
    await next(stores, 1, "a4", "b4");
    expect((await latestChange(stores))?.run.id).to.equal(runId(1));
    expect(await offeredAfter(stores, 1)).to.equal(runId(20));
  });
});

describe("rollback that would remove rows", () => {
  const box = sandbox();

  async function grown() {
    const stores = await box.stores();
    await publishRun(stores, runId(1), [{ plot: one, content: "a1" }]);
    await publishRun(stores, runId(2), [
      { plot: one, content: "a1" },
      { plot: two, content: "b2" },
    ]);
    return stores;
  }

  it("is refused unless that many may be removed, and changes nothing", async () => {
    const stores = await grown();
    const before = await collect(stores.index.all());
    const refused = await rejection(rollback(stores, runId(1), model));
    expect(refused).to.include({ name: "UsageError", exitCode: 2 });
    expect(refused.message)
      .to.contain(`going back to run ${runId(1)} removes 1 row`)
      .and.contain("Nothing was changed");
    expect(await collect(stores.index.all())).to.deep.equal(before);
    expect((await stores.ledger.run(runId(1)))?.rollbacks).to.equal(undefined);
    expect(await rollback(stores, runId(1), model, { mayRemove: 1 })).to.include({ removed: 1 });
  });

  it("is told before it is done, without the lock", async () => {
    const stores = await grown();
    await stores.lock.acquire({ run: runId(2), owner: "host:1", since: "2020-11-02T09:00:00.000Z" });
    expect(await previewRollback(stores, runId(1), model)).to.include({ rows: 1, changed: 1, removed: 1 });
    expect(await previewRollback(stores, runId(2), model)).to.include({ rows: 2, changed: 0, removed: 0 });
  });
});

describe("states that are kept", () => {
  const box = sandbox();
  const options = { model, inCatalog: () => true };
  const draw = (stores: LocalStores, n: number, content: string) =>
    publishRun(stores, runId(n), [{ plot: one, content }]);
  const expectThere = async ({ objects }: LocalStores, content: string, there = true) =>
    expect(await objects.has(keyOf(one, content)), content).to.equal(there);

  it("are not pushed out by runs that change nothing", async () => {
    const stores = await box.stores();
    await draw(stores, 1, "good");
    for (let n = 2; n <= 13; n += 1) await draw(stores, n, "other");
    const { runs } = await prune(stores, options);
    expect(runs).to.deep.equal([runId(13), runId(1)]);
    await rollback(stores, runId(1), model);
  });

  it("are not pushed out by states that were not whole", async () => {
    const stores = await box.stores();
    await publishRun(stores, runId(1), [
      { plot: one, content: "good" },
      { plot: two, content: "good" },
    ]);
    for (let n = 2; n <= 14; n += 1) {
      await publishRun(stores, runId(n), [
        { plot: one, content: `half ${n}` },
        { plot: two, content: undefined },
      ]);
    }
    await prune(stores, options);
    await expectThere(stores, "good");
    await expectThere(stores, "half 2", false);
    await expectThere(stores, "half 5");
  });

  it("include what was rolled back to and from, which takes no other one's place", async () => {
    const stores = await box.stores();
    await draw(stores, 1, "good");
    await draw(stores, 2, "mistake");
    await rollback(stores, runId(1), model);
    for (let n = 3; n <= 14; n += 1) await draw(stores, n, `figure ${n}`);
    await prune(stores, options);
    await expectThere(stores, "good");
    await expectThere(stores, "mistake");
    await expectThere(stores, "figure 4", false);
    await expectThere(stores, "figure 5");
    const { runs } = await prune(stores, { ...options, keepStates: 1 });
    expect(runs).to.deep.equal([14, 1, 2].map(runId));
  });

  it("include what was pinned, until it is let go, even where the run's own snapshot has expired", async () => {
    const stores = await box.stores();
    await draw(stores, 1, "good");
    await pin(stores, await recordOf(stores, 1), model);
    await pin(stores, await recordOf(stores, 1), model);
    expect(await pinnedRuns(stores.objects)).to.deep.equal([runId(1)]);
    expect((await recordOf(stores, 1)).pinned).to.be.a("string");
    for (const n of [2, 3, 4]) await draw(stores, n, `figure ${n}`);
    await stores.objects.remove([runKeys.index(runId(1))]);
    await prune(stores, { ...options, keepStates: 1 });
    await expectThere(stores, "good");
    await expectThere(stores, "figure 3", false);
    await rollback(stores, runId(1), model);
    await rollback(stores, runId(4), model);

    await draw(stores, 5, "figure 5");
    await unpin(stores, await recordOf(stores, 1));
    expect(await pinnedRuns(stores.objects)).to.deep.equal([]);
    expect(await stores.objects.has(pinKeys.index(runId(1)))).to.equal(false);
    await prune(stores, { ...options, keepStates: 1 });
    await expectThere(stores, "good", false);
  });

  it("can't be pinned once an object is gone, or where there was no snapshot", async () => {
    const stores = await box.stores();
    await draw(stores, 1, "good");
    await draw(stores, 2, "other");
    await stores.objects.remove([keyOf(one, "good")]);
    const gone = await rejection(pin(stores, await recordOf(stores, 1), model));
    expect(gone).to.include({ name: "UnavailableError" });
    expect(gone.message).to.contain("is gone");
    await publishRun(stores, runId(3), [{ plot: one, content: "x" }], { killed: "before snapshot" });
    expect((await rejection(pin(stores, await recordOf(stores, 3), model))).message).to.contain("left no snapshot");
    expect(await pinnedRuns(stores.objects)).to.deep.equal([]);
  });
});
