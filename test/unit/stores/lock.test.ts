import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openDatabase } from "../../../runner/stores/local/database.ts";
import { openLock } from "../../../runner/stores/local/lock.ts";
import { model, runId } from "../../support/samples.ts";
import { startProgram } from "./program.ts";
import { sandbox } from "./sandbox.ts";

const holder = { run: runId(1), owner: "host:1", since: "2020-11-01T09:00:00.000Z" };
const second = { run: runId(2), owner: "host:2", since: "2020-11-02T09:00:00.000Z" };

describe("lock in SQLite", () => {
  const box = sandbox();

  async function clockedLock() {
    const clock = { now: 1_000_000 };
    const database = await openDatabase(join(await box.directory(), "replot.sqlite"));
    box.afterwards(async () => database.close());
    const lock = openLock(database, { now: () => clock.now, leaseTime: 60_000 });
    const acquire = async (who: typeof holder) => {
      const acquired = await lock.acquire(who);
      if ("heldBy" in acquired) throw new Error(`held by ${acquired.heldBy.run}`);
      return acquired;
    };
    return { clock, lock, acquire, path: database.path };
  }

  it("says who holds it, until it is released", async () => {
    const { lock, acquire } = await clockedLock();
    const lease = await acquire(holder);
    expect(await lock.acquire(second)).to.deep.equal({ heldBy: holder });
    await lease.release();
    await acquire(second);
  });

  it("goes to the next one when the lease ran out, and the first one learns it", async () => {
    const { clock, lock, acquire } = await clockedLock();
    const first = await acquire(holder);
    clock.now += 59_999;
    expect(await lock.acquire(second)).to.have.property("heldBy");
    clock.now += 1;
    const lease = await acquire(second);
    expect(await first.renew()).to.equal(false);
    await first.release();
    expect(await lock.acquire(holder), "a late release frees nobody else's lock").to.deep.equal({ heldBy: second });
    expect(await lease.renew()).to.equal(true);
  });

  it("stays with a holder that renews", async () => {
    const { clock, lock, acquire } = await clockedLock();
    const lease = await acquire(holder);
    for (let n = 0; n < 5; n += 1) {
      clock.now += 50_000;
      expect(await lease.renew()).to.equal(true);
    }
    expect(await lock.acquire(second)).to.have.property("heldBy");
  });

  it("can still be renewed late, as long as nobody took it", async () => {
    const { clock, lock, acquire } = await clockedLock();
    const lease = await acquire(holder);
    clock.now += 500_000;
    expect(await lease.renew()).to.equal(true);
    expect(await lock.acquire(second)).to.have.property("heldBy");
  });

  it("is taken at once from a holder that was killed", async () => {
    const stores = await box.stores();
    const other = startProgram("take-lock", stores.home.root, model);
    box.afterwards(() => other.kill());
    expect(await other.line()).to.equal("held");
    expect(await stores.lock.acquire(second)).to.have.nested.property("heldBy.owner", `other:${other.child.pid}`);
    await other.kill();
    expect(await stores.lock.acquire(second)).to.have.property("renew");
  });

  it("is taken at once when the holder's process number belongs to another process now", async () => {
    const { lock, acquire, path } = await clockedLock();
    await acquire(holder);
    const database = new DatabaseSync(path);
    database.exec("UPDATE lock SET process_start = '1'");
    expect(await lock.acquire(second)).to.have.property("renew");
    database.close();
  });

  it("is not judged by the processes of another machine", async () => {
    const { clock, lock, acquire, path } = await clockedLock();
    await acquire(holder);
    const database = new DatabaseSync(path);
    // no process has this number here
    database.exec("UPDATE lock SET machine = 'another', pid = 4194999, process_start = '1'");
    database.close();
    expect(await lock.acquire(second)).to.have.property("heldBy");
    clock.now += 60_000;
    expect(await lock.acquire(second)).to.have.property("renew");
  });

  it("goes to exactly one of several processes that try at the same time in a new home", async () => {
    const home = join(await box.directory(), "home");
    const programs = Array.from({ length: 4 }, () => startProgram("take-lock", home, model));
    for (const program of programs) box.afterwards(() => program.kill());
    const said = await Promise.all(programs.map((program) => program.line()));
    expect(said.toSorted()).to.deep.equal(["held", "refused", "refused", "refused"]);
    expect(await Promise.all(programs.map((program) => program.finish()))).to.deep.equal([0, 0, 0, 0]);
  });

  it("clears up what a killed writer left before the new holder goes on", async () => {
    const stores = await box.stores();
    const left = join(stores.home.objects, ".incoming");
    await mkdir(left);
    await writeFile(join(left, "half"), "half an obj");
    const lease = await stores.lock.acquire(holder);
    expect(lease).to.have.property("renew");
    const database = new DatabaseSync(stores.home.database);
    expect(database.prepare("SELECT owner FROM lock").get()).to.deep.include({ owner: "host:1" });
    database.close();
    expect(await readdir(stores.home.objects)).to.deep.equal([]);
  });
});
