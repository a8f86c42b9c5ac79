import { expect } from "chai";
import { describe, it } from "mocha";
import { stopTimeouts } from "../../../runner/deployment/task-containers.ts";
import { ShutdownTimeout, shutdownBudgets, withTimeoutAfterAbort } from "../../../runner/run/shutdown.ts";
import { rejection } from "../../support/samples.ts";

const never = new Promise<string>(() => {});

describe("the end of a run that was stopped", () => {
  it("waits for a step as long as nobody stops the run, and then no longer than it may", async () => {
    const stop = new AbortController();
    const step = withTimeoutAfterAbort(stop.signal, 0.05, "the step", never);
    const first = await Promise.race([
      step.catch(() => "given up"),
      new Promise((go) => setTimeout(go, 150, "waiting")),
    ]);
    expect(first).to.equal("waiting");
    stop.abort();
    const given = await rejection(step);
    expect(given).to.be.instanceOf(ShutdownTimeout);
    expect(given.message).to.equal("the step took more than 0.05 s after the run was stopped");
    expect(await rejection(withTimeoutAfterAbort(stop.signal, 0.01, "another", never))).to.be.instanceOf(
      ShutdownTimeout,
    );
  });

  it("is that of its steps where they end in time, well or badly", async () => {
    const stop = AbortSignal.abort();
    expect(await withTimeoutAfterAbort(stop, 5, "the step", Promise.resolve("done"))).to.equal("done");
    const failed = await rejection(withTimeoutAfterAbort(stop, 5, "the step", Promise.reject(new Error("on its own"))));
    expect(failed.message).to.equal("on its own");
  });

  it("is over before the task is killed, whatever each step takes", () => {
    // cities, rows and earlier runs, cities' and run's entries in the ledger, e-mail, the ledger again, the rest, the lock
    const { cities, rows, ledger, notification, records, lock } = shutdownBudgets;
    const whole = cities + 2 * rows + 3 * ledger + notification + records + lock;
    expect(whole).to.be.lessThan(stopTimeouts.runner - 2);
  });
});
