import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import { it } from "mocha";
import { ledgerKeys } from "../../runner/layout.ts";
import { openLedger } from "../../runner/stores/aws/ledger.ts";
import { openLock } from "../../runner/stores/aws/lock.ts";
import { everyFifth } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { city, cityRecord, rejection, runId, runRecord } from "../support/samples.ts";
import { cloud } from "./cloud.ts";

describeWithMoto("ledger in DynamoDB", (moto) => {
  const aws = cloud(moto);
  const ledger = async () => openLedger(aws.clients(), await aws.runsTable());

  it("lets one run have an id, and leaves the first one's entry alone", async () => {
    const { begin, run } = await ledger();
    expect(await begin(runRecord(runId(1), { state: "running" }))).to.equal(true);
    expect(await begin(runRecord(runId(1), { state: "running", task: "host:2" }))).to.equal(false);
    expect((await run(runId(1)))?.task).to.equal("host:1");
  });

  it("lets exactly one of several that begin at once have the id", async () => {
    const { clients } = await aws.faulty(() => undefined);
    const { begin } = openLedger(clients, await aws.runsTable());
    const begun = await Promise.all(
      Array.from({ length: 8 }, (_, n) => begin(runRecord(runId(1), { task: `host:${n}` }))),
    );
    expect(begun.filter((mine) => mine)).to.have.length(1);
  });

  it("tells a run from its duplicate though the first answer is lost", async () => {
    const table = await aws.runsTable();
    let first = true;
    const { clients } = await aws.faulty(() => {
      const fault = first ? "lost answer" : undefined;
      first = false;
      return fault;
    });
    expect(await openLedger(clients, table).begin(runRecord(runId(1)))).to.equal(true);
    expect(clients.repetitions()).to.equal(1);
    expect(await openLedger(clients, table).begin(runRecord(runId(1)))).to.equal(false);
  });

  it("gives back what was saved last", async () => {
    const { begin, saveRun, run } = await ledger();
    const record = runRecord(runId(1), { state: "running", error: undefined });
    await begin(record);
    const ended = { ...record, state: "complete" as const, ended: "2020-11-01T10:00:00.000Z", cost: 0.61 };
    await saveRun(ended);
    const { error: _none, ...kept } = ended;
    expect(await run(runId(1))).to.deep.equal(kept);
    expect(await run(runId(2))).to.equal(undefined);
  });

  it("lists runs newest first, as many as asked for, whatever cities and lock lie in the table", async () => {
    const table = await aws.runsTable();
    const { begin, saveCity, runs } = openLedger(aws.clients(), table);
    for (const n of [3, 1, 12, 7]) {
      await begin(runRecord(runId(n)));
      await saveCity(cityRecord(runId(n), "C.1"));
    }
    await openLock(aws.clients(), table).acquire({ run: runId(12), owner: "task", since: "2020-11-01T09:00:00.000Z" });
    expect((await runs(3)).map(({ id }) => id)).to.deep.equal([runId(12), runId(7), runId(3)]);
    expect(await runs(99)).to.have.length(4);
    expect(await runs(0)).to.deep.equal([]);
  });

  it("lists runs of several pages", async () => {
    const { begin, runs } = await ledger();
    const error = "x".repeat(300_000);
    for (let n = 1; n <= 6; n += 1) await begin(runRecord(runId(n), { error }));
    expect((await runs(5)).map(({ id }) => id)).to.deep.equal([6, 5, 4, 3, 2].map(runId));
  });

  it("keeps a run's cities apart from another's", async () => {
    const { saveCity, cities } = await ledger();
    await saveCity(cityRecord(runId(1), "C.2"));
    await saveCity(cityRecord(runId(1), "C.1", { state: "running" }));
    const failed = cityRecord(runId(1), "C.1", { state: "failed", reason: "timed out" });
    await saveCity(failed);
    await saveCity(cityRecord(runId(2), "C.1"));
    expect(await cities(runId(1))).to.deep.equal([failed, cityRecord(runId(1), "C.2")]);
  });

  it("lets DynamoDB drop entries a year after they were written", async () => {
    const clients = aws.clients();
    const table = await aws.runsTable();
    const { saveRun, saveCity } = openLedger(clients, table, { now: () => Date.UTC(2026, 10, 22, 9) });
    await saveRun(runRecord(runId(1)));
    await saveCity(cityRecord(runId(1), "C.1"));
    for (const key of [ledgerKeys.run(runId(1)), ledgerKeys.city(runId(1), city("C.1"))]) {
      const found = await clients.dynamodb.send(new GetItemCommand({ TableName: table, Key: marshall(key) }));
      expect(unmarshall(found.Item ?? {})["expires_at"]).to.equal(Date.UTC(2027, 10, 22, 9) / 1000);
    }
  });

  it("refuses an entry it can't read, naming table, run and field", async () => {
    const clients = aws.clients();
    const table = await aws.runsTable();
    const { begin, saveCity, run, runs, cities } = openLedger(clients, table);
    await begin(runRecord(runId(1)));
    await saveCity(cityRecord(runId(1), "C.1"));
    for (const key of [ledgerKeys.run(runId(1)), ledgerKeys.city(runId(1), city("C.1"))]) {
      await clients.dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: marshall(key),
          UpdateExpression: "SET #counts.expected = :many",
          ExpressionAttributeNames: { "#counts": "counts" },
          ExpressionAttributeValues: marshall({ ":many": "many" }),
        }),
      );
    }
    for (const read of [() => run(runId(1)), () => runs(9)]) {
      const wrong = await rejection(read());
      expect(wrong).to.include({ name: "CannotWork" });
      expect(wrong.message).to.contain(`table ${table}: run ${runId(1)}: counts.expected:`);
    }
    expect((await rejection(cities(runId(1)))).message).to.contain(`run ${runId(1)}, city C.1: counts.expected:`);
  });

  it("loses nothing though a fifth of all calls fails", async () => {
    const table = await aws.runsTable();
    const { clients } = await aws.faulty(everyFifth([{ status: 500 }, { status: 503 }, "reset", "lost answer"]));
    const { begin, saveCity, cities, runs } = openLedger(clients, table);
    for (let n = 1; n <= 9; n += 1) expect(await begin(runRecord(runId(n))), `run ${n}`).to.equal(true);
    const codes = Array.from({ length: 31 }, (_, n) => `C.${10 + n}`);
    for (const code of codes) await saveCity(cityRecord(runId(1), code));
    expect((await cities(runId(1))).map((record) => record.city)).to.deep.equal(codes.map(city));
    expect(await runs(99)).to.have.length(9);
    expect(clients.repetitions()).to.be.at.least(8);
  });

  it("without its table says so, with the remedy", async () => {
    const { begin, saveRun, saveCity, run, runs, cities } = openLedger(aws.clients(), aws.name("nowhere"));
    for (const ask of [
      () => begin(runRecord(runId(1))),
      () => saveRun(runRecord(runId(1))),
      () => saveCity(cityRecord(runId(1), "C.1")),
      () => run(runId(1)),
      () => runs(1),
      () => cities(runId(1)),
    ]) {
      const failed = await rejection(ask());
      expect(failed).to.include({ name: "CannotWork", code: "ResourceNotFoundException" });
      expect(failed.message).to.contain("table replot-nowhere").and.contain("pulumi up");
    }
  });
});
