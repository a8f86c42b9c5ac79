/** Every task that ends causes exactly one e-mail: from the runner if it can send one, else from the watchdog. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { it } from "mocha";
import { settingsTable } from "../../runner/settings/table.ts";
import type { Call, Fault } from "../support/faulty-proxy.ts";
import type { PolicyProxyOptions } from "../support/iam.ts";
import { describeWithMoto } from "../support/moto.ts";
import { skipFor } from "../support/skip.ts";
import { mountSmall, unmount } from "../support/small-disk.ts";
import { weatherStage } from "./weather.ts";

const expired = ({ target }: Call): Fault =>
  target === "S3"
    ? { status: 400, body: "<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>" }
    : { status: 400, body: JSON.stringify({ __type: "ExpiredTokenException", message: "expired" }) };

describeWithMoto("the e-mail about a task", (moto) => {
  const own = weatherStage(moto);

  const command = ["regenerate", "small", "--force"];

  /** Runs a task that fails, and invokes the watchdog twice with its end. @returns all e-mails about it */
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
    it(`is one, and names ${action}, if that was refused`, async () => {
      const { code, mails } = await mailsAbout({ without: [action] });
      expect(mails).to.have.length(1);
      expect(mails[0]).to.include(`allow ${action}`);
      expect(code).to.equal(exit);
    });
  }

  it("is sent once by the watchdog if the runner could not send it", async () => {
    const { code, mails } = await mailsAbout({ without: ["sns:Publish"] });
    expect(code).to.equal(3);
    expect(mails).to.have.length(1);
    expect(mails[0]).to.match(/^\[replot\] nothing changed, 1 plot current.*\n\nThe watchdog sends this report, late/);
  });

  it("is sent once by the watchdog if the task's credentials have expired", async () => {
    const { code, mails } = await mailsAbout({ faults: expired });
    expect(code).to.equal(3);
    expect(mails).to.have.length(1);
    expect(mails[0]).to.include("the runner could not work or report").and.include("the credentials have expired");
  });

  it("is one, and names the bucket, if a bucket is missing", async () => {
    const { code, mails } = await mailsAbout({
      environment: { [settingsTable.plotsBucket.variable]: "replot-nowhere" },
    });
    expect(code).to.equal(3);
    expect(mails).to.have.length(1);
    expect(mails[0]).to.include("replot-nowhere").and.include("there is no such bucket");
  });

  it("is not sent for the second delivery of a scheduled time", async () => {
    const { stage } = own;
    const proxy = await stage.proxy();
    const environment = { [settingsTable.scheduledTime.variable]: "2026-11-22T09:00:00Z" };
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

  it("names the setting to raise if the disk has no room for the inputs", async function () {
    const data = join(own.here.directory, "full");
    if (!mountSmall(data, "64k")) return skipFor(this, "mounting a small file system needs root");
    try {
      writeFileSync(join(data, "filler"), Buffer.alloc(64 * 1024));
      const { code, mails } = await mailsAbout({ environment: { [settingsTable.data.variable]: data } });
      expect(code).to.equal(1);
      expect(mails).to.have.length(1);
      expect(mails[0]).to.match(/need 289 bytes, and \S+ has 0 bytes free; .*pulumi config set ephemeralStorage/);
    } finally {
      unmount(data);
    }
  });
});
