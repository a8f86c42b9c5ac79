import { expect } from "chai";
import { it } from "mocha";
import { settingsTable } from "../../runner/settings/table.ts";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { cityRecord, rejection, runId, runRecord } from "../support/samples.ts";
import { exits, stopped, taskArn } from "./events.ts";
import { stage } from "./stage.ts";

const task = taskArn("0123456789abcdef");
const run = runRecord(runId(22), { state: "running", trigger: "schedule", task });
const killed = { task, containers: exits(137, 137) };
const done = { expected: 1818, changed: 1800, unchanged: 18, skipped: 0, missing: 0 };
const none = { expected: 1818, changed: 0, unchanged: 0, skipped: 0, missing: 1818 };

describeWithMoto("a task that stopped", (moto) => {
  const fresh = () => stage(moto.endpoint);

  it("is passed over in silence where its run has reported", async () => {
    const { ledger, wake, received } = await fresh();
    await ledger.saveRun({ ...run, state: "complete", reportedAt: "2026-11-22T09:40:59.000Z" });
    const [deed] = await wake(stopped({ task, containers: exits(0) }));
    expect(deed?.outcome).to.include("reported at");
    expect(await received()).to.deep.equal([]);
  });

  it("without a report is one e-mail: what happened, how far it came, what stays, what to type", async () => {
    const { ledger, wake, received } = await fresh();
    await ledger.saveRun(run);
    await ledger.saveCity(cityRecord(run.id, "C.12580", { counts: done }));
    await ledger.saveCity(cityRecord(run.id, "C.33100", { state: "running", counts: none, attempts: [] }));
    await wake(stopped({ task, containers: [{ name: "runner", exitCode: 0, reason: "OutOfMemoryError: killed" }] }));
    const [email, ...others] = await received();
    expect(others).to.deep.equal([]);
    expect(email?.subject).to.equal(`[replot] ${run.id}: the runner was killed for memory (test)`);
    expect(email?.body)
      .to.include(`${run.id} ended without a report`)
      .and.include('EssentialContainerExited, "Essential container in task exited"; runner: exit 0, "OutOfMemoryError')
      .and.include("started 09:00 UTC, stopped 09:41 UTC on 2026-11-22, after 41 min")
      .and.include("1 of 2 cities; 1,818 of 3,636 plots in place. Not finished: C.33100.")
      .and.include("Of all others readers see the earlier plots")
      .and.include("log-group/$252Freplot$252Ftest/log-events/task$252Frunner$252F0123456789abcdef")
      .and.include(`replot show ${run.id} --stack test\n`)
      .and.include("replot start full --city C.33100 --stack test\n");
  });

  it("is one e-mail though its event comes twice, and at the same moment", async () => {
    const { ledger, wake, received } = await fresh();
    await ledger.saveRun(run);
    const proxy = await startFaultyProxy(moto.endpoint, () => undefined);
    const wakes = [1, 2].map(() => wake(stopped(killed), {}, { endpoint: proxy.endpoint }));
    const twice = await Promise.allSettled(wakes);
    await proxy.close();
    expect(twice.some(({ status }) => status === "fulfilled")).to.equal(true);
    await wake(stopped(killed));
    expect((await received()).map(({ subject }) => subject)).to.deep.equal([
      `[replot] ${run.id}: the runner was killed (test)`,
    ]);
  });

  it("is waited for while its run holds the lock, and passed over once that reports", async () => {
    const { ledger, lock, wake, received } = await fresh();
    await ledger.saveRun(run);
    await lock().acquire({ run: run.id, owner: task, since: run.started });
    let looks = 0;
    const pause = async () => {
      looks += 1;
      if (looks === 3) await ledger.saveRun({ ...run, state: "complete", reportedAt: "2026-11-22T09:41:05.000Z" });
    };
    const [deed] = await wake(stopped({ task, containers: exits(0) }), { pause });
    expect([looks, deed?.outcome]).to.deep.equal([3, `${run.id} reported at 2026-11-22T09:41:05.000Z`]);
    expect(await received()).to.deep.equal([]);
  });

  it("is one e-mail once the lease has run out without a report, or it was waited for long enough", async () => {
    for (const renews of [false, true]) {
      const { ledger, lock, wake, received } = await fresh();
      await ledger.saveRun(run);
      let clock = Date.now();
      const now = () => clock;
      const lease = await lock({ now }).acquire({ run: run.id, owner: task, since: run.started });
      let slept = 0;
      const pause = async (milliseconds: number) => {
        slept += milliseconds / 1000;
        clock += milliseconds;
        if (renews && "renew" in lease) await lease.renew();
      };
      await wake(stopped(killed), { pause }, { now });
      expect(slept).to.equal(renews ? 75 : 60);
      expect(await received()).to.have.length(1);
    }
  });

  it("is told with the runner's own report, where that was written and never sent", async () => {
    const { ledger, wake, received, saveSummary, settings } = await fresh();
    const ended = { ...run, state: "complete" as const, ended: "2026-11-22T09:40:00.000Z", counts: done };
    await ledger.saveRun(ended);
    await saveSummary(ended, { cities: [cityRecord(run.id, "C.12580", { counts: done })], names: { "C.12580": "B" } });
    await wake(stopped({ task, containers: exits(3) }));
    const [email, ...others] = await received();
    expect(others).to.deep.equal([]);
    expect(email?.subject).to.equal(
      "[replot] complete: 1 city, 1,818 of 1,818 plots, 1,800 new or changed (full, scheduled)",
    );
    expect(email?.body).to.match(/^This report comes late, from the watchdog: .* not accepted\. .*exit code 3/);
    expect(email?.body).to.include("1 city complete. Plots: 1,800 new or changed");
    expect(settings.stack).to.equal("test");
  });

  it("before any run began is one e-mail that asks for the same again", async () => {
    const { wake, received } = await fresh();
    const event = stopped({
      stopCode: "TaskFailedToStart",
      stoppedReason: "CannotPullContainerError: not found",
      containers: [],
      startedAt: undefined,
      command: ["regenerate", "full", "--city", "St. Louis"],
    });
    await wake(event);
    await wake(event);
    const [email, ...others] = await received();
    expect(others).to.deep.equal([]);
    expect(email?.subject).to.equal("[replot] no run: the image could not be pulled (test)");
    expect(email?.body)
      .to.include("No run began. All plots stay as they are.")
      .and.include('"CannotPullContainerError: not found"; no containers')
      .and.include("replot start full --city 'St. Louis' --stack test\n")
      .and.not.include("Log of the runner");
  });

  it("shows the end of its log, however long its lines, and does without where that can't be read", async () => {
    const { wake, received } = await fresh();
    const lastLines = async () => ["\u001b[31mBus error\u001b[0m\0", "x".repeat(200_000), "y".repeat(200_000)];
    await wake(stopped({ task: taskArn("a"), containers: exits(3) }), { lastLines });
    const refused = async () => Promise.reject(new Error("logs:GetLogEvents failed"));
    await wake(stopped({ task: taskArn("b"), containers: exits(3) }), { lastLines: refused });
    const [shown, without] = await received();
    expect(shown?.body).to.include("\n  | Bus error\n  | xxx").and.have.length.below(5_000);
    expect(shown?.body).not.to.match(/(?!\n)\p{Cc}/u);
    expect(without?.body).to.include("Its last lines could not be read: logs:GetLogEvents failed");
  });

  it("for want of the lock names the run that had it", async () => {
    const { ledger, lock, wake, received } = await fresh();
    const other = runRecord(runId(21), { state: "running", task: taskArn("other") });
    await ledger.saveRun(other);
    await lock().acquire({ run: other.id, owner: other.task, since: other.started });
    await wake(stopped({ task, containers: exits(4) }));
    const emails = await received();
    expect(emails.map(({ subject }) => subject)).to.deep.equal(["[replot] no run: another run was at work (test)"]);
    expect(emails[0]?.body).to.include(`${other.id} was at work and held the lock`);
  });

  it("as the duplicate of a delivery is silence, unless it failed or its time is another", async () => {
    const { ledger, wake, received } = await fresh();
    await ledger.saveRun({ ...run, task: taskArn("first"), reportedAt: "2026-11-22T09:40:59.000Z" });
    const at = (value: string) => [{ name: settingsTable.scheduledTime.variable, value }];
    // 04:00 in New York is the time of the run's id
    const environment = at("2020-11-22T04:00:00-05:00");
    const [deed] = await wake(stopped({ task: taskArn("second"), containers: exits(0), environment }));
    expect(deed?.outcome).to.include(`delivered ${run.id} twice`);
    expect(await received()).to.deep.equal([]);
    await wake(stopped({ task: taskArn("third"), containers: exits(3), environment }));
    await wake(stopped({ task: taskArn("fourth"), containers: exits(0), environment: at("2020-11-29T09:00:00Z") }));
    expect(await received()).to.have.length(2);
  });

  it("is told by a later call where the topic refused, and by nobody else meanwhile", async () => {
    const { ledger, wake, received } = await fresh();
    await ledger.saveRun(run);
    const proxy = await startFaultyProxy(moto.endpoint, ({ body }) =>
      body.includes("Action=Publish") ? { status: 500 } : undefined,
    );
    const failed = await rejection(wake(stopped(killed), {}, { endpoint: proxy.endpoint }));
    expect(failed.message).to.include("sns:Publish failed");
    expect(await received()).to.deep.equal([]);
    await wake(stopped(killed));
    expect(await received()).to.have.length(1);
    await proxy.close();
  });

  it("is told by the next call some minutes after one that was cut off before it sent", async () => {
    const { ledger, wake, received } = await fresh();
    await ledger.saveRun(run);
    let clock = Date.now();
    const now = () => clock;
    const claimed = new Promise<void>((resolve) => {
      const notify = () => {
        resolve();
        return new Promise<void>(() => {});
      };
      void wake(stopped(killed), { topic: { notify } }, { now });
    });
    await claimed;
    expect((await rejection(wake(stopped(killed), {}, { now }))).message).to.include("being sent");
    clock += 60_000;
    expect((await rejection(wake(stopped(killed), {}, { now }))).message).to.include("being sent");
    clock += 120_000;
    await wake(stopped(killed), {}, { now });
    await wake(stopped(killed), {}, { now });
    expect(await received()).to.have.length(1);
  });
});
