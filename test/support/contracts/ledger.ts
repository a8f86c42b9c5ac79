/** What every ledger promises, whatever keeps it. */
import { expect } from "chai";
import { it } from "mocha";
import type { Ledger, Lock } from "../../../runner/stores/ports.ts";
import { cityRecord, rejection, runId, runRecord } from "../samples.ts";

export interface OpenedLedger {
  readonly ledger: Ledger;
  /** The lock that lies beside it. */
  readonly lock: Lock;
  /** The table or file that errors name. */
  readonly place: string;
  /** Sets `counts.expected` in the entries of run 1 and of its city C.1, as another program might. */
  spoil(expected: string): Promise<void>;
}

/** Registers the tests. @param open makes an empty ledger for one test */
export function itKeepsALedger(open: () => Promise<OpenedLedger>): void {
  it("lets one run have an id, and leaves the first one's entry alone", async () => {
    const { begin, run } = (await open()).ledger;
    expect(await begin(runRecord(runId(1), { state: "running" }))).to.equal(true);
    expect(await begin(runRecord(runId(1), { state: "running", task: "host:2" }))).to.equal(false);
    expect((await run(runId(1)))?.task).to.equal("host:1");
  });

  it("lets exactly one of several that begin at once have the id", async () => {
    const { begin } = (await open()).ledger;
    const begun = await Promise.all(
      Array.from({ length: 8 }, (_, n) => begin(runRecord(runId(1), { task: `host:${n}` }))),
    );
    expect(begun.filter((mine) => mine)).to.have.length(1);
  });

  it("gives back what was saved last", async () => {
    const { begin, saveRun, run } = (await open()).ledger;
    const record = runRecord(runId(1), { state: "running", error: undefined });
    await begin(record);
    const ended = { ...record, state: "complete" as const, ended: "2020-11-01T10:00:00.000Z", cost: 0.61 };
    await saveRun(ended);
    const { error: _none, ...kept } = ended;
    expect(await run(runId(1))).to.deep.equal(kept);
    expect(await run(runId(2))).to.equal(undefined);
  });

  it("lists runs newest first, as many as asked for, whatever cities and lock lie beside them", async () => {
    const { ledger, lock } = await open();
    const { begin, saveCity, runs } = ledger;
    for (const n of [3, 1, 12, 7]) {
      await begin(runRecord(runId(n)));
      await saveCity(cityRecord(runId(n), "C.1"));
    }
    await lock.acquire({ run: runId(12), owner: "task", since: "2020-11-01T09:00:00.000Z" });
    expect((await runs(3)).map(({ id }) => id)).to.deep.equal([runId(12), runId(7), runId(3)]);
    expect(await runs(99)).to.have.length(4);
    expect(await runs(0)).to.deep.equal([]);
  });

  it("lists runs in the order in which they began, whatever their clocks said, and older records after them", async () => {
    const { begin, runs, saveRun } = (await open()).ledger;
    for (const [day, sequence] of [
      [9, undefined],
      [8, undefined],
      [20, 1],
      [1, 3],
      [5, 2],
    ] as const) {
      await begin(runRecord(runId(day), sequence === undefined ? {} : { sequence }));
    }
    await saveRun(runRecord(runId(20), { sequence: 1, rollbacks: [{ at: "2020-11-01T09:00:00.000Z", sequence: 4 }] }));
    expect((await runs()).map(({ id }) => id)).to.deep.equal([1, 5, 20, 9, 8].map(runId));
    expect((await runs(2)).map(({ id }) => id)).to.deep.equal([1, 5].map(runId));
  });

  it("keeps a run's cities apart from another's", async () => {
    const { saveCity, cities } = (await open()).ledger;
    await saveCity(cityRecord(runId(1), "C.2"));
    await saveCity(cityRecord(runId(1), "C.1", { state: "running" }));
    const failed = cityRecord(runId(1), "C.1", { state: "failed", reason: "timed out" });
    await saveCity(failed);
    await saveCity(cityRecord(runId(2), "C.1"));
    expect(await cities(runId(1))).to.deep.equal([failed, cityRecord(runId(1), "C.2")]);
  });

  it("refuses an entry it can't read, naming place, run and field", async () => {
    const { ledger, place, spoil } = await open();
    const { begin, saveCity, run, runs, cities } = ledger;
    await begin(runRecord(runId(1)));
    await saveCity(cityRecord(runId(1), "C.1"));
    await spoil("many");
    for (const read of [() => run(runId(1)), () => runs(9)]) {
      const wrong = await rejection(read());
      expect(wrong).to.include({ name: "UnavailableError" });
      expect(wrong.message).to.contain(`${place}: run ${runId(1)}: counts.expected:`);
    }
    const wrong = await rejection(cities(runId(1)));
    expect(wrong.message).to.contain(`${place}: run ${runId(1)}, city C.1: counts.expected:`);
  });
}
