import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { cityRecord, rejection, runId, runRecord } from "../../support/samples.ts";
import { sandbox } from "./sandbox.ts";

describe("ledger in SQLite", () => {
  const box = sandbox();

  it("lets one run have an id, and leaves the first one's entry alone", async () => {
    const { ledger } = await box.stores();
    expect(await ledger.begin(runRecord(runId(1), { state: "running" }))).to.equal(true);
    expect(await ledger.begin(runRecord(runId(1), { state: "running", task: "host:2" }))).to.equal(false);
    expect((await ledger.run(runId(1)))?.task).to.equal("host:1");
  });

  it("gives back what was saved last", async () => {
    const { ledger } = await box.stores();
    const record = runRecord(runId(1), { state: "running" });
    await ledger.begin(record);
    const ended = { ...record, state: "complete" as const, ended: "2020-11-01T10:00:00.000Z", cost: 0.61 };
    await ledger.saveRun(ended);
    expect(await ledger.run(runId(1))).to.deep.equal(ended);
    expect(await ledger.run(runId(2))).to.equal(undefined);
  });

  it("lists runs newest first, as many as asked for", async () => {
    const { ledger } = await box.stores();
    for (const n of [3, 1, 12, 7]) await ledger.begin(runRecord(runId(n)));
    expect((await ledger.runs(3)).map(({ id }) => id)).to.deep.equal([runId(12), runId(7), runId(3)]);
  });

  it("keeps a run's cities apart from another's", async () => {
    const { ledger } = await box.stores();
    await ledger.saveCity(cityRecord(runId(1), "C.2"));
    await ledger.saveCity(cityRecord(runId(1), "C.1", { state: "running" }));
    const failed = cityRecord(runId(1), "C.1", { state: "failed", reason: "timed out" });
    await ledger.saveCity(failed);
    await ledger.saveCity(cityRecord(runId(2), "C.1"));
    expect(await ledger.cities(runId(1))).to.deep.equal([failed, cityRecord(runId(1), "C.2")]);
  });

  it("refuses an entry it can't read, naming run and field", async () => {
    const stores = await box.stores();
    await stores.ledger.begin(runRecord(runId(1)));
    const other = new DatabaseSync(stores.home.database);
    other.exec("UPDATE runs SET record = json_set(record, '$.counts.expected', 'many')");
    const wrong = await rejection(stores.ledger.run(runId(1)));
    expect(wrong).to.include({ name: "CannotWork" });
    expect(wrong.message).to.contain(`run ${runId(1)}: counts.expected:`);
    other.exec("UPDATE runs SET record = '{'");
    other.close();
    expect((await rejection(stores.ledger.runs(9))).message).to.contain(`run ${runId(1)}: not JSON`);
  });
});
