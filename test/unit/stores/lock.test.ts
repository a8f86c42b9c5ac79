import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openDatabase } from "../../../runner/stores/local/database.ts";
import { openLock } from "../../../runner/stores/local/lock.ts";
import { holder, itIsALock, leaseOf, second } from "../../support/contracts/lock.ts";
import { model } from "../../support/samples.ts";
import { until } from "../../support/until.ts";
import { startProgram } from "./program.ts";
import { sandbox } from "./sandbox.ts";

describe("lock in SQLite", () => {
  const box = sandbox();

  async function lockers() {
    const clock = { now: 1_000_000 };
    const path = join(await box.directory(), "replot.sqlite");
    const open = async () => {
      const database = await openDatabase(path);
      box.afterwards(async () => database.close());
      return openLock(database, { now: () => clock.now });
    };
    return { clock, mine: await open(), theirs: await open(), path };
  }

  itIsALock(lockers);

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
    const { mine, theirs, path } = await lockers();
    await leaseOf(mine, holder);
    const database = new DatabaseSync(path);
    database.exec("UPDATE lock SET process_start = '1'");
    expect(await theirs.acquire(second)).to.have.property("renew");
    database.close();
  });

  it("is not judged by the processes of another machine", async () => {
    const { clock, mine, theirs, path } = await lockers();
    await leaseOf(mine, holder);
    const database = new DatabaseSync(path);
    // no process has this number here
    database.exec("UPDATE lock SET machine = 'another', pid = 4194999, process_start = '1'");
    database.close();
    expect(await theirs.acquire(second)).to.have.property("heldBy");
    clock.now += 60_000;
    expect(await theirs.acquire(second)).to.have.property("renew");
  });

  it("is taken at once from a holder that ran before this machine was started again", async () => {
    const { mine, theirs, path } = await lockers();
    await leaseOf(mine, holder);
    const database = new DatabaseSync(path);
    // this test's own process number, which some process has after the start as well
    const machine = String(database.prepare("SELECT machine FROM lock").get()?.["machine"]);
    const [host, , processes] = machine.split(" ");
    const earlier = `${host} 00000000-0000-0000-0000-000000000000 ${processes}`;
    database.prepare("UPDATE lock SET machine = ?, lease_end = lease_end * 1000").run(earlier);
    database.close();
    expect(await theirs.acquire(second)).to.have.property("renew");
  });

  describe("whose lease ends in the far future", () => {
    /** A lock held elsewhere, by a clock of another century. */
    async function heldByWrongClock() {
      const { path } = await lockers();
      const notices: string[] = [];
      const database = await openDatabase(path);
      box.afterwards(async () => database.close());
      const lock = openLock(database, { leaseTime: 120, notice: (text) => notices.push(text) });
      await leaseOf(lock, holder);
      const other = new DatabaseSync(path);
      box.afterwards(async () => other.close());
      const end = Date.UTC(2100, 0, 1);
      other.prepare("UPDATE lock SET machine = 'another', lease_end = ?").run(end);
      return { lock, notices, other, end };
    }

    it("is taken when a lease's length has passed without a sign, and says so", async () => {
      const { lock, notices } = await heldByWrongClock();
      expect(await lock.acquire(second)).to.have.property("renew");
      expect(notices).to.have.length(1);
      expect(notices[0])
        .to.contain(`the lock of ${holder.run} (host:1) ends at 2100-01-01T00:00:00.000Z`)
        .and.contain("a clock was wrong");
    });

    it("stays with a holder that renews it meanwhile", async () => {
      const { lock, notices, other, end } = await heldByWrongClock();
      const acquiring = lock.acquire(second);
      await until("the lease to be watched", () => notices.length > 0);
      other.prepare("UPDATE lock SET lease_end = ?").run(end + 10_000);
      expect(await acquiring).to.deep.equal({ heldBy: holder });
    });

    it("is taken at once where its holder is a dead process of this machine", async () => {
      const { path, mine, theirs } = await lockers();
      await leaseOf(mine, holder);
      const database = new DatabaseSync(path);
      database.exec("UPDATE lock SET lease_end = lease_end * 1000, process_start = '1'");
      database.close();
      expect(await theirs.acquire(second)).to.have.property("renew");
    });
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
