/** However a task ends, somebody is told, and once: by the runner where it can, else by the watchdog. */
import { expect } from "chai";
import { it } from "mocha";
import { cloudVariables, taskVariables } from "../../runner/settings.ts";
import { readEvent } from "../../runner/watchdog/events.ts";
import { readWatchdogSettings } from "../../runner/watchdog/settings.ts";
import { watch } from "../../runner/watchdog/watch.ts";
import { openWorld } from "../../runner/watchdog/world.ts";
import type { Call, Fault } from "../support/faulty-proxy.ts";
import type { PolicyProxyOptions } from "../support/iam.ts";
import { describeWithMoto } from "../support/moto.ts";
import { childrenOf } from "../support/processes.ts";
import { untilGate } from "../support/weather-task.ts";
import { weatherStage } from "./weather.ts";

const expired = ({ target }: Call): Fault =>
  target === "S3"
    ? { status: 400, body: "<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>" }
    : { status: 400, body: JSON.stringify({ __type: "ExpiredTokenException", message: "expired" }) };

describeWithMoto("of a task's end", (moto) => {
  const own = weatherStage(moto);

  const command = ["regenerate", "small", "--force"];

  /** Runs a task in trouble, and wakes the watchdog twice with its end. @returns all e-mails about it */
  async function mailsAbout(
    trouble: Omit<PolicyProxyOptions, "roles"> | { readonly environment: NodeJS.ProcessEnv },
  ): Promise<{ readonly code: number | null; readonly mails: readonly string[] }> {
    const { stage } = own;
    const healthy = await stage.proxy();
    const task =
      "environment" in trouble
        ? await stage.start(moto, command, trouble)
        : await stage.start(await stage.proxy(trouble), command);
    const result = await task.ended;
    const event = await stage.ended(task, result, command);
    await stage.wake(healthy, event, event);
    const emails = await stage.stack.emails();
    return { code: result.code, mails: emails.map(({ subject, body }) => `${subject}\n\n${body}`) };
  }

  const refusals = [
    // first, while there is a row to write
    ["dynamodb:BatchWriteItem", 1],
    ["dynamodb:PutItem", 3],
    ["dynamodb:Scan", 3],
    ["s3:GetObject", 3],
    ["s3:PutObject", 3],
  ] as const;
  for (const [action, exit] of refusals) {
    it(`that was refused ${action} one e-mail tells, which names it`, async () => {
      const { code, mails } = await mailsAbout({ without: [action] });
      expect(mails).to.have.length(1);
      expect(mails[0]).to.include(`allow ${action}`);
      expect(code).to.equal(exit);
    });
  }

  it("that could not send its e-mail the watchdog sends it, once", async () => {
    const { code, mails } = await mailsAbout({ without: ["sns:Publish"] });
    expect(code).to.equal(3);
    expect(mails).to.have.length(1);
    expect(mails[0]).to.match(/^\[replot\] nothing changed, 1 plot current.*\n\nThis report comes late/);
  });

  it("whose credentials have expired the watchdog tells, once", async () => {
    const { code, mails } = await mailsAbout({ faults: expired });
    expect(code).to.equal(3);
    expect(mails).to.have.length(1);
    expect(mails[0]).to.include("the runner could not work or report").and.include("the credentials have expired");
  });

  it("whose bucket is missing one e-mail tells, with the bucket's name", async () => {
    const { code, mails } = await mailsAbout({ environment: { [cloudVariables.plotsBucket]: "replot-nowhere" } });
    expect(code).to.equal(3);
    expect(mails).to.have.length(1);
    expect(mails[0]).to.include("replot-nowhere").and.include("there is no such bucket");
  });

  it("that was the second delivery of a scheduled time nobody is told", async () => {
    const { stage } = own;
    const proxy = await stage.proxy();
    const environment = { [taskVariables.scheduledTime]: "2026-11-22T09:00:00Z" };
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      const task = await stage.start(proxy, command, { environment });
      const result = await task.ended;
      expect(result.code, result.stderr).to.equal(0);
      await stage.wake(proxy, await stage.ended(task, result, command, environment));
    }
    const emails = await stage.stack.emails();
    expect(emails.map(({ subject }) => subject)).to.deep.equal([
      "[replot] nothing changed, 1 plot current (small, scheduled)",
    ]);
  });

  it("whose runner was killed half way the watchdog tells how far it came, once its lease has run out", async function () {
    this.timeout(120_000);
    const { here, stage } = own;
    const whole = ["regenerate", "all"];
    const task = await stage.start(await stage.proxy(), whole, {
      rEnvironment: { FOREIGN_HABITS: "S.1:gate", FOREIGN_MARKS: here.marks },
    });
    await untilGate(here, task, () => stage.state());
    // the runner itself, below its entry point
    for (const child of childrenOf(task.process.pid ?? Number.NaN)) process.kill(child, "SIGKILL");
    const event = readEvent(await stage.ended(task, await task.ended, whole));
    // the clock stands for the lease: the first look finds it held, and the later ones after it has run out
    let clock = Date.now();
    const settings = readWatchdogSettings(stage.deployed.environments.watchdog);
    const world = {
      ...openWorld(settings, { endpoint: moto.endpoint, now: () => clock }),
      pause: async (milliseconds: number) => {
        clock += milliseconds;
      },
    };
    await watch(event, world);
    await watch(event, world);
    const [email, ...others] = await stage.stack.emails();
    expect(others).to.deep.equal([]);
    expect(email?.subject).to.include("the runner was killed");
    expect(email?.body)
      .to.include("2 of 3 cities; 64 of 96 plots in place. Not finished: S.1.")
      .and.include(`replot start all --city S.1 --stack ${settings.stack}`);
  });
});
