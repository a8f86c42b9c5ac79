/** The function as it is deployed: one file, run by a separate Node process. */
import { expect } from "chai";
import { after, before, it } from "mocha";
import { testCredentials } from "../support/credentials.ts";
import { type LambdaFunction, unpackWatchdog } from "../support/lambda.ts";
import { describeWithMoto } from "../support/moto.ts";
import { rejection } from "../support/samples.ts";
import { dailyClock, deadLetter, exits, stopped } from "./events.ts";
import { stage } from "./stage.ts";

describeWithMoto("the watchdog's package", (moto) => {
  let watchdog: LambdaFunction;
  before(async () => {
    watchdog = await unpackWatchdog();
  });
  after(() => watchdog.remove());

  it("runs alone, reads its settings from the environment, and sends e-mails", async () => {
    const { environment, received } = await stage(moto.endpoint);
    const variables = { ...environment, ...testCredentials, AWS_ENDPOINT_URL: moto.endpoint };
    const events = [deadLetter({ ERROR_CODE: "Throttled" }), stopped({ containers: exits(2) })];
    const logged = await watchdog.invoke(variables, ...events);
    expect((await received()).map(({ subject }) => subject)).to.deep.equal([
      "[replot] the schedule could not start its run: Throttled (test)",
      "[replot] no run: the request was wrong (test)",
    ]);
    const lines = logged.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).event)).to.deep.equal(["dead letters", "stopped"]);
  });

  it("lists the tasks of ECS daily, and fails if ECS refuses", async () => {
    const { environment } = await stage(moto.endpoint);
    const variables = { ...environment, ...testCredentials, AWS_ENDPOINT_URL: moto.endpoint };
    const failed = await rejection(watchdog.invoke(variables, dailyClock));
    expect(failed.message).to.include("ecs:ListTasks failed for cluster").and.include("replot-test");
  });

  it("is small, and contains nothing of what drives R", () => {
    const whole = [...watchdog.files.values()].join("");
    expect(whole.length).to.be.below(2_000_000);
    for (const foreign of ["agent.sh", "jobs/ready", "commander", "@pulumi"]) expect(whole).not.to.include(foreign);
  });
});
