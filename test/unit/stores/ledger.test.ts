import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { itKeepsALedger } from "../../support/contracts/ledger.ts";
import { rejection, runId, runRecord } from "../../support/samples.ts";
import { sandbox } from "./sandbox.ts";

describe("ledger in SQLite", () => {
  const box = sandbox();

  itKeepsALedger(async () => {
    const { ledger, lock, home } = await box.stores();
    return {
      ledger,
      lock,
      place: home.database,
      async spoil(expected) {
        const other = new DatabaseSync(home.database);
        for (const table of ["runs", "cities"]) {
          other.prepare(`UPDATE ${table} SET record = json_set(record, '$.counts.expected', ?)`).run(expected);
        }
        other.close();
      },
    };
  });

  it("refuses an entry that is no record at all, naming run and what is wrong", async () => {
    const { ledger, home } = await box.stores();
    await ledger.begin(runRecord(runId(1)));
    const other = new DatabaseSync(home.database);
    other.exec("UPDATE runs SET record = '{'");
    other.close();
    expect((await rejection(ledger.runs(9))).message).to.contain(`run ${runId(1)}: not JSON`);
  });
});
