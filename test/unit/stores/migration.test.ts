import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openDatabase } from "../../../runner/stores/local/database.ts";
import { openLock } from "../../../runner/stores/local/lock.ts";
import { schemaVersion } from "../../../runner/stores/local/schema.ts";
import { city, collect, rejection, runId } from "../../support/samples.ts";
import { sandbox } from "./sandbox.ts";

const firstVersion = fileURLToPath(new URL("fixtures/home-v1.sql", import.meta.url));

describe("migration of a version 1 home", () => {
  const box = sandbox();

  async function oldHome(more = ""): Promise<string> {
    const home = join(await box.directory(), "home");
    await mkdir(home);
    const database = new DatabaseSync(join(home, "replot.sqlite"));
    database.exec(await readFile(firstVersion, "utf8"));
    database.exec(more);
    database.close();
    return home;
  }

  it("keeps index and ledger, and makes what is new", async () => {
    const stores = await box.stores({ home: await oldHome() });
    const [row, ...others] = await collect(stores.index.all());
    expect(others).to.have.length(0);
    expect(row).to.include({ city_scenario: "C.12580#cessation", file_size: 1234, run_id: runId(15) });
    expect((await stores.ledger.run(runId(15)))?.counts.changed).to.equal(1);
    expect((await stores.ledger.cities(runId(15))).map((record) => record.city)).to.deep.equal([city("C.12580")]);
    await stores.close();
    const database = new DatabaseSync(stores.home.database);
    expect(database.prepare("PRAGMA user_version").get()).to.deep.include({ user_version: schemaVersion });
    expect(database.prepare("SELECT count(*) AS n FROM input_checksums").get()).to.deep.include({ n: 0 });
    database.close();
  });

  it("honours a lock that the old version holds, until its lease ends", async () => {
    const database = await openDatabase(join(await oldHome(), "replot.sqlite"));
    box.afterwards(async () => database.close());
    let now = 1795338060000 - 1;
    const lock = openLock(database, { now: () => now });
    const holder = { run: runId(23), owner: "host:2", since: "2020-11-23T09:00:00.000Z" };
    expect(await lock.acquire(holder)).to.deep.equal({
      heldBy: { run: runId(22), owner: "host:1", since: "2020-11-22T09:00:00.000Z" },
    });
    now += 1;
    expect(await lock.acquire(holder)).to.have.property("renew");
  });

  it("that fails half way leaves version 1 as it was", async () => {
    // the second step makes this table itself, after it has changed the lock's
    const home = await oldHome("CREATE TABLE input_checksums (mine TEXT)");
    const failed = await rejection(box.stores({ home }));
    expect(failed.message).to.contain("input_checksums");
    const database = new DatabaseSync(join(home, "replot.sqlite"));
    expect(database.prepare("PRAGMA user_version").get()).to.deep.include({ user_version: 1 });
    expect(Object.keys(database.prepare("SELECT * FROM lock").get() ?? {})).to.not.include("token");
    database.close();
  });
});
