import { expect } from "chai";
import { it } from "mocha";
import { findLock, type LockOptions, openLock, readLock } from "../../runner/stores/aws/lock.ts";
import { holder, itIsALock, leaseOf, second } from "../support/contracts/lock.ts";
import type { Fault } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { rejection } from "../support/samples.ts";
import { until } from "../support/until.ts";
import { cloud } from "./cloud.ts";

describeWithMoto("lock in DynamoDB", (moto) => {
  const aws = cloud(moto);

  itIsALock(async () => {
    const clock = { now: 1_000_000 };
    const table = await aws.runsTable();
    const options: LockOptions = { now: () => clock.now };
    const { clients, proxy } = await aws.faulty(() => undefined);
    const mine = openLock(clients, table, options);
    const theirs = openLock(aws.clients({ endpoint: proxy.endpoint }), table, options);
    return { clock, mine, theirs };
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
    const lease = await leaseOf(openLock(clients, table, { patience: 1_500 }), holder);
    silent = true;
    const failed = await rejection(lease.renew());
    expect(failed).to.include({ name: "UnavailableError" });
    expect(failed.message).to.contain("dynamodb:UpdateItem").and.contain("no answer in time");
    silent = false;
    expect(await lease.renew(), "and is still ours when something answers again").to.equal(true);
  });

  it("whose lease ends in the far future is taken when its length has passed without a sign, and says so", async () => {
    const table = await aws.runsTable();
    const wrong = openLock(aws.clients(), table, { now: () => Date.UTC(2100, 0, 1) });
    const first = await leaseOf(wrong, holder);
    const notices: string[] = [];
    const options: LockOptions = { leaseTime: 300, notice: (text) => notices.push(text) };
    expect(await readLock(aws.clients(), table), "it proves nothing").to.equal(undefined);
    expect(await findLock(aws.clients(), table)).to.include({
      lease: "doubtful",
      leaseEnd: Date.UTC(2100, 0, 1, 0, 1),
    });
    const lease = await leaseOf(openLock(aws.clients(), table, options), second);
    expect(notices).to.have.length(1);
    expect(notices[0]).to.contain(`the lock of ${holder.run} (host:1) ends at 2100-01-01T00:01:00.000Z`);
    expect(await first.renew(), "the first holder learns it").to.equal(false);
    expect(await lease.renew()).to.equal(true);
    expect(await readLock(aws.clients(), table)).to.deep.equal(second);
  });

  it("whose lease ends in the far future stays with a holder that renews it meanwhile", async () => {
    const table = await aws.runsTable();
    let time = Date.UTC(2100, 0, 1);
    const first = await leaseOf(openLock(aws.clients(), table, { now: () => time }), holder);
    const notices: string[] = [];
    const options: LockOptions = { leaseTime: 600, notice: (text) => notices.push(text) };
    const acquiring = openLock(aws.clients(), table, options).acquire(second);
    await until("the lease to be watched", () => notices.length > 0);
    time += 10_000;
    expect(await first.renew()).to.equal(true);
    expect(await acquiring).to.deep.equal({ heldBy: holder });
  });

  it("without its table says so, with the remedy", async () => {
    const failed = await rejection(openLock(aws.clients(), aws.name("nowhere")).acquire(holder));
    expect(failed).to.include({ name: "UnavailableError", code: "ResourceNotFoundException" });
    expect(failed.message).to.contain("table replot-nowhere").and.contain("the lock").and.contain("pulumi up");
  });
});
