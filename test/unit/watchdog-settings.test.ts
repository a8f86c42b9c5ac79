import { expect } from "chai";
import { describe, it } from "mocha";
import { UsageError } from "../../runner/errors.ts";
import { environmentOf } from "../../runner/settings/sources.ts";
import { readWatchdogSettings, watchdogSettings } from "../../runner/watchdog/settings.ts";

const settings = {
  stack: "dev",
  plotsBucket: "plots",
  runsTable: "runs",
  topicArn: "arn:aws:sns:us-east-1:123456789012:reports",
  cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/dev",
  taskFamily: "replot-dev",
  logGroup: "/replot/dev",
  maxRunSeconds: 21600,
};
const environment = environmentOf(watchdogSettings, settings);

describe("the watchdog's settings", () => {
  it("are read back as the deployment wrote them, with a week and a day where it says nothing", () => {
    expect(readWatchdogSettings(environment)).to.deep.equal({ ...settings, maxDaysWithoutSuccess: 8 });
  });

  it("are read from the variables' earlier names as well", () => {
    expect(readWatchdogSettings({ ...environment, REPLOT_SILENCE_DAYS: "3" }).maxDaysWithoutSuccess).to.equal(3);
  });

  it("that are missing are all named by their variables", () => {
    expect(() => readWatchdogSettings({ ...environment, REPLOT_STACK: "", REPLOT_MAX_RUN_SECONDS: "" }))
      .to.throw(UsageError)
      .with.property("message")
      .that.includes("REPLOT_STACK: ")
      .and.includes("REPLOT_MAX_RUN_SECONDS: ");
  });
});
