import { expect } from "chai";
import { it } from "mocha";
import { type LockOptions, openLock } from "../../runner/stores/aws/lock.ts";
import type { Lease, Lock, LockHolder } from "../../runner/stores/ports.ts";
import type { Fault } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { rejection, runId } from "../support/samples.ts";
import { cloud } from "./cloud.ts";

const holder = { run: runId(1), owner: "task/1", since: "2020-11-01T09:00:00.000Z" };
const second = { run: runId(2), owner: "task/2", since: "2020-11-02T09:00:00.000Z" };

async function leaseOf(lock: Lock, who: LockHolder): Promise<Lease> {
  const acquired = await lock.acquire(who);
  if ("heldBy" in acquired) throw new Error(`held by ${acquired.heldBy.run}`);
  return acquired;
}

describeWithMoto("lock in DynamoDB", (moto) => {
  const aws = cloud(moto);

  /** Two runs' locks over one table and one clock, with clients of their own. */
  async function lockers() {
    const clock = { now: 1_000_000 };
    const table = await aws.runsTable();
    const options: LockOptions = { now: () => clock.now };
    const { clients, proxy } = await aws.faulty(() => undefined);
    const mine = openLock(clients, table, options);
    const theirs = openLock(aws.clients({ endpoint: proxy.endpoint }), table, options);
    return { clock, mine, theirs };
  }

  it("says who holds it, until it is released", async () => {
    const { mine, theirs } = await lockers();
    const lease = await leaseOf(mine, holder);
    expect(await theirs.acquire(second)).to.deep.equal({ heldBy: holder });
    await lease.release();
    await leaseOf(theirs, second);
  });

  it("goes to the next one after 60 s without a sign, and the first one learns it", async () => {
    const { clock, mine, theirs } = await lockers();
    const first = await leaseOf(mine, holder);
    clock.now += 59_999;
    expect(await theirs.acquire(second)).to.have.property("heldBy");
    clock.now += 1;
    const lease = await leaseOf(theirs, second);
    expect(await first.renew()).to.equal(false);
    await first.release();
    expect(await mine.acquire(holder), "a late release frees nobody else's lock").to.deep.equal({ heldBy: second });
    expect(await lease.renew()).to.equal(true);
  });

  it("stays with a holder that renews", async () => {
    const { clock, mine, theirs } = await lockers();
    const lease = await leaseOf(mine, holder);
    for (let n = 0; n < 5; n += 1) {
      clock.now += 50_000;
      expect(await lease.renew()).to.equal(true);
    }
    expect(await theirs.acquire(second)).to.have.property("heldBy");
  });

  it("can still be renewed late, as long as nobody took it, but not once it was released", async () => {
    const { clock, mine, theirs } = await lockers();
    const lease = await leaseOf(mine, holder);
    clock.now += 500_000;
    expect(await lease.renew()).to.equal(true);
    expect(await theirs.acquire(second)).to.have.property("heldBy");
    await lease.release();
    expect(await lease.renew()).to.equal(false);
  });

  it("goes to exactly one of several that try at the same time, free or run out", async () => {
    const { clock, mine, theirs } = await lockers();
    for (let round = 0; round < 2; round += 1) {
      const tries = Array.from({ length: 8 }, (_, n) =>
        (n % 2 === 0 ? mine : theirs).acquire({ ...holder, owner: `task/${n}` }),
      );
      const taken = (await Promise.all(tries)).filter((acquired) => !("heldBy" in acquired));
      expect(taken, `round ${round}`).to.have.length(1);
      clock.now += 60_000;
    }
  });

  it("is known to be ours though the answer that said so is lost", async () => {
    const table = await aws.runsTable();
    const faults: Fault[] = ["lost answer"];
    const { clients } = await aws.faulty(() => faults.shift());
    const lease = await leaseOf(openLock(clients, table), holder);
    faults.push("lost answer");
    expect(await lease.renew()).to.equal(true);
    faults.push("lost answer");
    await lease.release();
    expect(clients.repetitions()).to.equal(3);
    await leaseOf(openLock(aws.clients(), table), second);
  });

  it("that can't be renewed because nothing answers is given up well before it would run out", async () => {
    const table = await aws.runsTable();
    let silent = false;
    const { clients } = await aws.faulty(() => (silent ? "hang" : undefined));
    const lease = await leaseOf(openLock(clients, table, { patience: 300 }), holder);
    silent = true;
    const began = performance.now();
    const failed = await rejection(lease.renew());
    expect(performance.now() - began).to.be.lessThan(2_000);
    expect(failed).to.include({ name: "CannotWork" });
    expect(failed.message).to.contain("dynamodb:UpdateItem").and.contain("no answer in time");
    silent = false;
    expect(await lease.renew(), "and is still ours when something answers again").to.equal(true);
  });

  it("without its table says so, with the remedy", async () => {
    const failed = await rejection(openLock(aws.clients(), aws.name("nowhere")).acquire(holder));
    expect(failed).to.include({ name: "CannotWork", code: "ResourceNotFoundException" });
    expect(failed.message).to.contain("table replot-nowhere").and.contain("the lock").and.contain("pulumi up");
  });
});
