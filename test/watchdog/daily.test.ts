import { expect } from "chai";
import { it } from "mocha";
import { type LivingTask, openWatchdogDependencies } from "../../runner/watchdog/dependencies.ts";
import { describeWithMoto } from "../support/moto.ts";
import { cityRecord, rejection, runId, runRecord } from "../support/samples.ts";
import { dailyClock, deadLetter, exits, stopped, taskArn } from "./events.ts";
import { type Stage, stage } from "./stage.ts";

const day = 24 * 3600 * 1000;
const success = runRecord(runId(1), { ended: "2020-11-01T09:41:00.000Z", reportedAt: "2020-11-01T09:41:01.000Z" });
const failure = (n: number) => runRecord(runId(n), { state: "failed", reportedAt: "2020-11-08T09:41:01.000Z" });

describeWithMoto("the daily check", (moto) => {
  const fresh = () => stage(moto.endpoint);
  const at = (time: string, days = 0) => Date.parse(time) + days * day;

  /** The subjects of what a stage got, after the clock came at these times. */
  async function after({ wake, received }: Stage, times: readonly number[], living: readonly LivingTask[] = []) {
    for (const time of times) await wake(dailyClock, { livingTasks: async () => [...living] }, { now: () => time });
    return (await received()).map(({ subject }) => subject);
  }

  it("sends an e-mail after eight days without a successful run, and again each further week", async () => {
    const here = await fresh();
    await here.ledger.saveRun(success);
    await here.ledger.saveRun(failure(8));
    const ended = success.ended ?? "";
    const days = Array.from({ length: 24 }, (_, n) => at(ended, n + 0.1));
    expect(await after(here, days)).to.deep.equal([
      "[replot] no run has succeeded for 8 days (test)",
      "[replot] no run has succeeded for 15 days (test)",
      "[replot] no run has succeeded for 22 days (test)",
    ]);
    const [first] = await here.received();
    expect(first?.body)
      .to.include(`the last was ${success.id} (complete)`)
      .and.include("schedule weekly")
      .and.include("replot runs --stack test\n");
  });

  it("counts a run with gaps as a success, which starts the count anew", async () => {
    const here = await fresh();
    await here.ledger.saveRun(success);
    expect(await after(here, [at(success.started, 8.1)])).to.have.length(1);
    const gaps = { ...success, id: runId(10), state: "incomplete" as const, ended: "2020-11-10T09:41:00.000Z" };
    await here.ledger.saveRun(gaps);
    expect(await after(here, [at(gaps.ended, 7.9), at(gaps.ended, 8.1)])).to.have.length(2);
  });

  it("counts from the first daily check in a stack without a successful run", async () => {
    const here = await fresh();
    expect(await after(here, [at("2020-11-01"), at("2020-11-08")])).to.deep.equal([]);
    expect(await after(here, [at("2020-11-09")])).to.deep.equal(["[replot] no run has succeeded for 8 days (test)"]);
    expect((await here.received())[0]?.body).to.include("there never was one");
  });

  it("reports no missing run if the schedule is switched off", async () => {
    const here = await fresh();
    await here.ledger.saveRun(success);
    const settings = { ...here.settings, schedule: undefined };
    await here.wake(dailyClock, { settings }, { now: () => at(success.started, 30) });
    expect(await here.received()).to.deep.equal([]);
  });

  it("reports once a task that does not end, and how to stop it", async () => {
    const here = await fresh();
    const run = runRecord(runId(22), { state: "running", task: taskArn("long") });
    await here.ledger.saveRun(run);
    const living = [{ arn: taskArn("long"), since: run.started }];
    const [soon, late] = [at(run.started) + 4.2 * 3600_000, at(run.started) + 9 * 3600_000];
    expect(await after(here, [soon], living)).to.deep.equal([]);
    expect(await after(here, [late, late + day], living)).to.deep.equal([
      "[replot] a task has been running for 9 h and does not end (test)",
    ]);
    expect((await here.received())[0]?.body).to.include(`replot stop ${run.id} --stack test`);
  });

  it("reports once a run whose task is gone, also if the task's event comes later", async () => {
    const here = await fresh();
    const run = runRecord(runId(22), { state: "running", task: taskArn("gone") });
    await here.ledger.saveRun(run);
    await here.ledger.saveCity(cityRecord(run.id, "C.12580", { state: "running" }));
    const later = at(run.started, 0.5);
    expect(await after(here, [later, later + day])).to.deep.equal([
      `[replot] ${run.id}: its task is gone, and it sent no report (test)`,
    ]);
    const [action] = await here.wake(stopped({ task: taskArn("gone"), containers: exits(137) }));
    expect(action?.outcome).to.equal("sent before");
    expect((await here.received())[0]?.body)
      .to.include("0 of 1 city")
      .and.include("replot start full --stack test");
  });

  it("does not report runs that are running, hold the lock, have reported or are long past", async () => {
    const here = await fresh();
    const running = (n: number, task: string) => runRecord(runId(n), { state: "running", task });
    const [works, holds] = [running(21, taskArn("works")), running(22, "laptop:77")];
    await here.ledger.saveRun(works);
    await here.ledger.saveRun(holds);
    await here.ledger.saveRun(failure(20));
    await here.ledger.saveRun(running(2, "laptop:5"));
    const now = at(holds.started) + 3600_000;
    await here.lock({ now: () => now }).acquire({ run: holds.id, owner: holds.task, since: holds.started });
    await here.ledger.saveRun({ ...success, id: runId(19), ended: "2020-11-19T09:41:00.000Z" });
    const living = [{ arn: works.task, since: "2020-11-22T09:00:00.000Z" }];
    expect(await after(here, [now], living)).to.deep.equal([]);
  });

  it("sends the other e-mails if one fails, and fails so that Lambda retries", async () => {
    const here = await fresh();
    for (const n of [21, 22]) await here.ledger.saveRun(runRecord(runId(n), { state: "running", task: `laptop:${n}` }));
    const { topic } = openWatchdogDependencies(here.settings, { endpoint: moto.endpoint });
    const notify: typeof topic.notify = async (email) => {
      if (email.subject.includes(runId(21))) throw new Error("the topic is gone");
      await topic.notify(email);
    };
    const now = () => at(runRecord(runId(22)).started, 0.5);
    expect((await rejection(here.wake(dailyClock, { topic: { notify } }, { now }))).message).to.include(
      "topic is gone",
    );
    expect(await after(here, [now()])).to.deep.equal([
      `[replot] ${runId(22)}: its task is gone, and it sent no report (test)`,
      `[replot] ${runId(21)}: its task is gone, and it sent no report (test)`,
    ]);
  });
});

describeWithMoto("a scheduled start that failed for good", (moto) => {
  const attributes = {
    ERROR_CODE: "AccessDeniedException",
    ERROR_MESSAGE: "User is not authorized to perform: ecs:RunTask",
    RETRY_ATTEMPTS: "3",
    SCHEDULED_TIME: "2026-11-22T09:00:00Z",
    SCHEDULE_ARN: "arn:aws:scheduler:us-east-1:123456789012:schedule/default/weekly",
  };

  it("causes one e-mail with the reason, also if its message comes twice", async () => {
    const { wake, received } = await stage(moto.endpoint);
    await wake(deadLetter(attributes));
    await wake(deadLetter(attributes, "m-2"));
    const [email, ...others] = await received();
    expect(others).to.deep.equal([]);
    expect(email?.subject).to.equal("[replot] the schedule could not start its run: AccessDeniedException (test)");
    expect(email?.body)
      .to.include("AccessDeniedException: User is not authorized to perform: ecs:RunTask")
      .and.include("tried again 3 times")
      .and.include("scheduled for 2026-11-22T09:00:00Z")
      .and.include(attributes.SCHEDULE_ARN)
      .and.include("replot start full --stack test\n");
    // of the same time, which its body has as well; and of the week after
    await wake(deadLetter({}, "m-3"));
    await wake(deadLetter({ ERROR_CODE: "Throttled" }, "m-4", "2026-11-29T09:00:00Z"));
    expect(await received()).to.have.length(2);
  });
});
