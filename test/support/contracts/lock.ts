/** What every lock promises, whatever keeps it. */
import { expect } from "chai";
import { it } from "mocha";
import type { Lease, Lock, LockHolder } from "../../../runner/stores/ports.ts";
import { runId } from "../samples.ts";

export const holder = { run: runId(1), owner: "host:1", since: "2020-11-01T09:00:00.000Z" };
export const second = { run: runId(2), owner: "host:2", since: "2020-11-02T09:00:00.000Z" };

/** The lock as two runs see it, each over a connection of its own, with one clock for both. */
export interface Lockers {
  /** Milliseconds since 1970; tests set it. */
  readonly clock: { now: number };
  readonly mine: Lock;
  readonly theirs: Lock;
}

/** Takes a lock that must be free. */
export async function leaseOf(lock: Lock, who: LockHolder): Promise<Lease> {
  const acquired = await lock.acquire(who);
  if ("heldBy" in acquired) throw new Error(`held by ${acquired.heldBy.run}`);
  return acquired;
}

/** Registers the tests. @param open makes a free lock for one test */
export function itIsALock(open: () => Promise<Lockers>): void {
  it("says who holds it, until it is released", async () => {
    const { mine, theirs } = await open();
    const lease = await leaseOf(mine, holder);
    expect(await theirs.acquire(second)).to.deep.equal({ heldBy: holder });
    await lease.release();
    await leaseOf(theirs, second);
  });

  it("goes to the next one after 60 s without a sign, and the first one learns it", async () => {
    const { clock, mine, theirs } = await open();
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
    const { clock, mine, theirs } = await open();
    const lease = await leaseOf(mine, holder);
    for (let n = 0; n < 5; n += 1) {
      clock.now += 50_000;
      expect(await lease.renew()).to.equal(true);
    }
    expect(await theirs.acquire(second)).to.have.property("heldBy");
  });

  it("can still be renewed late, as long as nobody took it, but not once it was released", async () => {
    const { clock, mine, theirs } = await open();
    const lease = await leaseOf(mine, holder);
    clock.now += 500_000;
    expect(await lease.renew()).to.equal(true);
    expect(await theirs.acquire(second)).to.have.property("heldBy");
    await lease.release();
    expect(await lease.renew()).to.equal(false);
  });

  it("goes to exactly one of several that try at the same time, free or run out", async () => {
    const { clock, mine, theirs } = await open();
    for (let round = 0; round < 2; round += 1) {
      const tries = Array.from({ length: 8 }, (_, n) =>
        (n % 2 === 0 ? mine : theirs).acquire({ ...holder, owner: `host:${n}` }),
      );
      const taken = (await Promise.all(tries)).filter((acquired) => !("heldBy" in acquired));
      expect(taken, `round ${round}`).to.have.length(1);
      clock.now += 60_000;
    }
  });
}
