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

  it("sends no e-mail if its run has reported", async () => {
    const { ledger, wake, received } = await fresh();
    await ledger.saveRun({ ...run, state: "complete", reportedAt: "2026-11-22T09:40:59.000Z" });
    const [action] = await wake(stopped({ task, containers: exits(0) }));
    expect(action?.outcome).to.include("reported at");
    expect(await received()).to.deep.equal([]);
  });

  it("sends one e-mail without a report: what happened, the progress, what stays, and commands to paste", async () => {
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
      .and.include("Of all other cities readers see the earlier plots")
      .and.include("log-group/$252Freplot$252Ftest/log-events/task$252Frunner$252F0123456789abcdef")
      .and.include(`replot show ${run.id} --stack test\n`)
      .and.include("replot start full --city C.33100 --stack test\n");
  });

  it("sends one e-mail although its event comes twice at the same moment", async () => {
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

  it("waits while its run holds the lock, and sends no e-mail once the run reports", async () => {
    const { ledger, lock, wake, received } = await fresh();
    await ledger.saveRun(run);
    await lock().acquire({ run: run.id, owner: task, since: run.started });
    let looks = 0;
    const pause = async () => {
      looks += 1;
      if (looks === 3) await ledger.saveRun({ ...run, state: "complete", reportedAt: "2026-11-22T09:41:05.000Z" });
    };
    const [action] = await wake(stopped({ task, containers: exits(0) }), { pause });
    expect([looks, action?.outcome]).to.deep.equal([3, `${run.id} reported at 2026-11-22T09:41:05.000Z`]);
    expect(await received()).to.deep.equal([]);
  });

  it("sends one e-mail when the lease expires without a report, or after the longest wait", async () => {
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

  it("sends the runner's own report if that was stored and not sent", async () => {
    const { ledger, wake, received, saveSummary } = await fresh();
    const ended = { ...run, state: "complete" as const, ended: "2026-11-22T09:40:00.000Z", counts: done };
    await ledger.saveRun(ended);
    await saveSummary(ended, { cities: [cityRecord(run.id, "C.12580", { counts: done })], names: { "C.12580": "B" } });
    await wake(stopped({ task, containers: exits(3) }));
    const [email, ...others] = await received();
    expect(others).to.deep.equal([]);
    expect(email?.subject).to.equal(
      "[replot] complete: 1 city, 1,818 of 1,818 plots, 1,800 new or changed (full, scheduled)",
    );
    expect(email?.body).to.match(/^The watchdog sends this report, late: .* not accepted\. .*exit code 3/);
    expect(email?.body).to.include("1 city complete. Plots: 1,800 new or changed");
  });

  it("sends one e-mail with the same request to paste if no run began", async () => {
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

  it("shows the end of its log with long lines cut, and says why if the log cannot be read", async () => {
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

  it("names the run that held the lock if it did not get it", async () => {
    const { ledger, lock, wake, received } = await fresh();
    const other = runRecord(runId(21), { state: "running", task: taskArn("other") });
    await ledger.saveRun(other);
    await lock().acquire({ run: other.id, owner: other.task, since: other.started });
    await wake(stopped({ task, containers: exits(4) }));
    const emails = await received();
    expect(emails.map(({ subject }) => subject)).to.deep.equal(["[replot] no run: another run held the lock (test)"]);
    expect(emails[0]?.body).to.include(`${other.id} held the lock`);
  });

  it("sends no e-mail for a duplicate delivery, unless that failed or has another scheduled time", async () => {
    const { ledger, wake, received } = await fresh();
    await ledger.saveRun({ ...run, task: taskArn("first"), reportedAt: "2026-11-22T09:40:59.000Z" });
    const at = (value: string) => [{ name: settingsTable.scheduledTime.variable, value }];
    // 04:00 in New York is the time of the run's id
    const environment = at("2020-11-22T04:00:00-05:00");
    const [action] = await wake(stopped({ task: taskArn("second"), containers: exits(0), environment }));
    expect(action?.outcome).to.include(`delivered ${run.id} twice`);
    expect(await received()).to.deep.equal([]);
    await wake(stopped({ task: taskArn("third"), containers: exits(3), environment }));
    await wake(stopped({ task: taskArn("fourth"), containers: exits(0), environment: at("2020-11-29T09:00:00Z") }));
    expect(await received()).to.have.length(2);
  });

  it("sends the e-mail on the next call after the topic refused it", async () => {
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

  it("sends the e-mail some minutes after a call that was interrupted before sending", async () => {
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
    expect((await rejection(wake(stopped(killed), {}, { now }))).message).to.include("is sending the e-mail");
    clock += 60_000;
    expect((await rejection(wake(stopped(killed), {}, { now }))).message).to.include("is sending the e-mail");
    clock += 120_000;
    await wake(stopped(killed), {}, { now });
    await wake(stopped(killed), {}, { now });
    expect(await received()).to.have.length(1);
  });
});
