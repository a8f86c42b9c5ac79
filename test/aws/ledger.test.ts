import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import { it } from "mocha";
import { ledgerKeys } from "../../runner/layout.ts";
import { openLedger } from "../../runner/stores/aws/ledger.ts";
import { openLock } from "../../runner/stores/aws/lock.ts";
import { itKeepsALedger } from "../support/contracts/ledger.ts";
import { everyFifth } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { city, cityRecord, rejection, runId, runRecord } from "../support/samples.ts";
import { cloud } from "./cloud.ts";

/** Of run 1 and of its city C.1. */
const firstEntries = [ledgerKeys.run(runId(1)), ledgerKeys.city(runId(1), city("C.1"))];

describeWithMoto("ledger in DynamoDB", (moto) => {
  const aws = cloud(moto);

  itKeepsALedger(async () => {
    const table = await aws.runsTable();
    // the proxy lets one conditional write through at a time, as DynamoDB does and moto doesn't
    const { clients } = await aws.faulty(() => undefined);
    return {
      ledger: openLedger(clients, table),
      lock: openLock(clients, table),
      place: `table ${table}`,
      async spoil(expected) {
        for (const key of firstEntries) {
          await clients.dynamodb.send(
            new UpdateItemCommand({
              TableName: table,
              Key: marshall(key),
              UpdateExpression: "SET #counts.expected = :expected",
              ExpressionAttributeNames: { "#counts": "counts" },
              ExpressionAttributeValues: marshall({ ":expected": expected }),
            }),
          );
        }
      },
    };
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

  it("lists runs of several pages", async () => {
    const { begin, runs } = openLedger(aws.clients(), await aws.runsTable());
    const error = "x".repeat(300_000);
    for (let n = 1; n <= 6; n += 1) await begin(runRecord(runId(n), { error }));
    expect((await runs(5)).map(({ id }) => id)).to.deep.equal([6, 5, 4, 3, 2].map(runId));
  });

  it("lets DynamoDB drop entries a year after they were written", async () => {
    const clients = aws.clients();
    const table = await aws.runsTable();
    const { saveRun, saveCity } = openLedger(clients, table, { now: () => Date.UTC(2026, 10, 22, 9) });
    await saveRun(runRecord(runId(1)));
    await saveCity(cityRecord(runId(1), "C.1"));
    for (const key of firstEntries) {
      const found = await clients.dynamodb.send(new GetItemCommand({ TableName: table, Key: marshall(key) }));
      expect(unmarshall(found.Item ?? {})["expires_at"]).to.equal(Date.UTC(2027, 10, 22, 9) / 1000);
    }
  });

  it("keeps the entry of a pinned run for good, until it is let go", async () => {
    const clients = aws.clients();
    const table = await aws.runsTable();
    const { saveRun } = openLedger(clients, table);
    const expiresAt = async () => {
      const command = new GetItemCommand({ TableName: table, Key: marshall(ledgerKeys.run(runId(1))) });
      return unmarshall((await clients.dynamodb.send(command)).Item ?? {})["expires_at"];
    };
    await saveRun(runRecord(runId(1), { pinned: "2020-11-02T09:00:00.000Z" }));
    expect(await expiresAt()).to.equal(undefined);
    await saveRun(runRecord(runId(1)));
    expect(await expiresAt()).to.be.a("number");
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
      expect(failed).to.include({ name: "UnavailableError", code: "ResourceNotFoundException" });
      expect(failed.message).to.contain("table replot-nowhere").and.contain("pulumi up");
    }
  });
});
