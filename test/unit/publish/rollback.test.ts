import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { latestChange } from "../../../runner/publish/latest.ts";
import { planRollback, rollback } from "../../../runner/publish/rollback.ts";
import { collect, indexRow, model, plot, rejection, runId, sha } from "../../support/samples.ts";
import { startProgram } from "../stores/program.ts";
import { sandbox } from "../stores/sandbox.ts";
import { keyOf, publishRun } from "./history.ts";

const mayRemove = { mayRemove: 1 };
const first = plot("C.1");
const second = plot("C.2");
const added = plot("C.3");

describe("rollback", () => {
  const box = sandbox();

  async function twoRuns() {
    const stores = await box.stores();
    await publishRun(stores, runId(1), [
      { plot: first, content: "first of run 1" },
      { plot: second, content: "second, always the same" },
    ]);
    const afterOne = await collect(stores.index.all());
    await publishRun(stores, runId(2), [
      { plot: first, content: "first of run 2" },
      { plot: added, content: "added in run 2" },
    ]);
    const afterTwo = await collect(stores.index.all());
    return { stores, afterOne, afterTwo };
  }

  it("puts every row back, removes those that came later, and can be undone the same way", async () => {
    const { stores, afterOne, afterTwo } = await twoRuns();
    expect(afterTwo).to.have.length(3);
    const back = await rollback(stores, runId(1), model, mayRemove);
    expect(back).to.include({ run: runId(1), rows: 2, changed: 1, removed: 1 });
    expect(await collect(stores.index.all())).to.deep.equal(afterOne);
    expect(await rollback(stores, runId(2), model)).to.include({ rows: 3, changed: 2, removed: 0 });
    expect(await collect(stores.index.all())).to.deep.equal(afterTwo);
  });

  it("touches no object, and rows that are right are not written again", async () => {
    const { stores } = await twoRuns();
    const before = await collect(stores.objects.list(""));
    await rollback(stores, runId(1), model, mayRemove);
    expect(await collect(stores.objects.list(""))).to.deep.equal(before);
    expect(await rollback(stores, runId(1), model, mayRemove)).to.include({ changed: 0, removed: 0 });
  });

  it("is in the ledger, with the time of each, and makes that run the latest", async () => {
    const { stores } = await twoRuns();
    expect((await latestChange(stores))?.run.id).to.equal(runId(2));
    const one = await rollback(stores, runId(1), model, mayRemove);
    const two = await rollback(stores, runId(1), model, mayRemove);
    const record = await stores.ledger.run(runId(1));
    expect(record?.rollbacks?.map(({ at }) => at)).to.deep.equal([one.at, two.at]);
    expect(record?.state).to.equal("complete");
    expect((await latestChange(stores))?.run.id).to.equal(runId(1));
  });

  it("is refused before it starts when objects are gone, and says how many and which", async () => {
    const { stores, afterTwo } = await twoRuns();
    await stores.objects.remove([keyOf(first, "first of run 1")]);
    const refused = await rejection(rollback(stores, runId(1), model, mayRemove));
    expect(refused).to.include({ name: "UnavailableError", exitCode: 3 });
    expect(refused.message)
      .to.contain("1 of the objects it needs is gone")
      .and.contain(keyOf(first, "first of run 1"))
      .and.contain("Nothing was changed");
    expect(await collect(stores.index.all())).to.deep.equal(afterTwo);
    expect((await stores.ledger.run(runId(1)))?.rollbacks).to.equal(undefined);
    await stores.objects.remove([keyOf(second, "second, always the same")]);
    expect((await rejection(rollback(stores, runId(1), model, mayRemove))).message).to.contain(
      "2 of the objects it needs are gone",
    );
  });

  it("is refused for a run that left no snapshot, and for one that never was", async () => {
    const { stores, afterTwo } = await twoRuns();
    await publishRun(stores, runId(3), [{ plot: first, content: "third" }], { killed: "before rows" });
    const cut = await rejection(rollback(stores, runId(3), model));
    expect(cut).to.include({ name: "UnavailableError" });
    expect(cut.message).to.contain("left no snapshot");
    const unknown = await rejection(rollback(stores, runId(28), model));
    expect(unknown).to.include({ name: "UsageError", exitCode: 2 });
    expect(unknown.message)
      .to.contain(`there is no run ${runId(28)}`)
      .and.contain(runId(3));
    expect(await collect(stores.index.all())).to.deep.equal(afterTwo);
  });

  it("waits for nobody: while another process holds the lock it ends with 4, and changes nothing", async () => {
    const { stores, afterTwo } = await twoRuns();
    const other = startProgram("take-lock", stores.home.root, model);
    box.afterwards(() => other.kill());
    expect(await other.line()).to.equal("held");
    const refused = await rejection(rollback(stores, runId(1), model, mayRemove));
    expect(refused).to.include({ name: "Locked", exitCode: 4 });
    expect(refused.message).to.contain("2026-11-22T090000Z-other").and.contain(`other:${other.child.pid}`);
    expect(await collect(stores.index.all())).to.deep.equal(afterTwo);
    await other.finish();
    await rollback(stores, runId(1), model, mayRemove);
  });

  it("lets go of the lock, also when it is refused", async () => {
    const { stores } = await twoRuns();
    await stores.objects.remove([keyOf(first, "first of run 1")]);
    await rejection(rollback(stores, runId(1), model, mayRemove));
    expect(await rollback(stores, runId(2), model)).to.include({ changed: 0 });
  });

  it("stops when it loses the lock half way, stays visible, and is finished by doing it again", async () => {
    const { stores, afterOne } = await twoRuns();
    let renewals = 0;
    const lock: typeof stores.lock = {
      async acquire(holder) {
        const acquired = await stores.lock.acquire(holder);
        if ("heldBy" in acquired) return acquired;
        // good for the ledger and the first city
        return { ...acquired, renew: async () => ++renewals <= 2 };
      },
    };
    const failed = await rejection(rollback({ ...stores, lock }, runId(1), model, mayRemove));
    expect(failed).to.include({ name: "UnavailableError" });
    const mixed = await collect(stores.index.all());
    expect(mixed.find((row) => row.city_scenario === "C.1#cessation")).to.deep.equal(afterOne[0]);
    expect(mixed).to.have.length(3);
    expect((await stores.ledger.run(runId(1)))?.rollbacks).to.have.length(1);
    // whoever took the lock has let go of it by now
    const database = new DatabaseSync(stores.home.database);
    database.exec("DELETE FROM lock");
    database.close();
    await rollback(stores, runId(1), model, mayRemove);
    expect(await collect(stores.index.all())).to.deep.equal(afterOne);
  });

  it("reports rows that do not read back as they were written", async () => {
    const { stores } = await twoRuns();
    const index: typeof stores.index = { ...stores.index, write: async () => {} };
    const failed = await rejection(rollback({ ...stores, index }, runId(1), model, mayRemove));
    expect(failed).to.include({ name: "UnavailableError" });
    expect(failed.message)
      .to.contain("do not read back")
      .and.contain("C.1")
      .and.contain(`replot rollback ${runId(1)}`);
  });
});

describe("plan of a rollback", () => {
  it("has both scenarios of a city in one change, and nothing of cities that are right", () => {
    const row = (code: string, scenario: string, digit: string) => indexRow(plot(code, "none", scenario), sha(digit));
    const wanted = [row("C.1", "a", "a"), row("C.1", "b", "a"), row("C.2", "a", "a")];
    const present = [row("C.1", "a", "b"), row("C.2", "a", "a"), row("C.10", "a", "a")];
    expect(planRollback(wanted, present)).to.deep.equal([
      { city: "C.1", put: [wanted[0], wanted[1]], remove: [] },
      {
        city: "C.10",
        put: [],
        remove: [{ city_scenario: "C.10#a", outcome_stat_facet: "incidence#mean.and.interval#none" }],
      },
    ]);
    expect(planRollback(wanted, wanted)).to.deep.equal([]);
  });
});
