/** A stack without anybody looking: what starts its runs, what notices that one failed, who is told what it cost. */
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { type DeclaredStack, declare, readyImages } from "../support/declared.ts";
import { declareEverything, everything, json } from "./everything.ts";

describe("a stack that runs by itself", () => {
  let stack: DeclaredStack;
  before(async () => {
    stack = await declareEverything();
  });

  it("starts the task every Sunday at four in New York, told when it was meant to start", () => {
    const { inputs } = stack.one("aws:scheduler/schedule:Schedule", "weekly");
    expect(inputs).to.deep.include({
      scheduleExpression: "cron(0 4 ? * SUN *)",
      scheduleExpressionTimezone: "America/New_York",
      flexibleTimeWindow: { mode: "OFF" },
    });
    const target: Record<string, unknown> = Object(inputs["target"]);
    expect(JSON.parse(String(target["input"]))).to.deep.equal({
      containerOverrides: [
        {
          name: "runner",
          command: ["regenerate", "full"],
          environment: [{ name: "REPLOT_SCHEDULED_TIME", value: "<aws.scheduler.scheduled-time>" }],
        },
      ],
    });
    expect(target).to.deep.include({
      arn: stack.outputs["cluster"],
      deadLetterConfig: { arn: stack.one("aws:sqs/queue:Queue", "undelivered").state["arn"] },
      retryPolicy: { maximumEventAgeInSeconds: 21600, maximumRetryAttempts: 100 },
    });
    expect(target["ecsParameters"]).to.deep.include({
      taskDefinitionArn: stack.outputs["taskDefinition"],
      propagateTags: "TASK_DEFINITION",
      capacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    });
  });

  it("runs on Spot where it is told to", async () => {
    const spot = await declare({ config: { ...readyImages, capacity: "FARGATE_SPOT" } });
    const schedule = JSON.stringify(spot.one("aws:scheduler/schedule:Schedule", "weekly").inputs);
    expect(schedule).to.include('"capacityProvider":"FARGATE_SPOT"').and.not.to.include('"launchType"');
    expect(spot.outputs["manualRun"]).to.include("capacityProvider=FARGATE_SPOT");
    const { capacityProviders } = spot.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "runs").inputs;
    expect(capacityProviders).to.deep.equal(["FARGATE", "FARGATE_SPOT"]);
  });

  it("has no schedule, and no role for one, where it is switched off", async () => {
    const still = await declare({ config: { ...readyImages, schedule: "off" } });
    expect(still.resources.filter(({ type, name }) => /scheduler/i.test(`${type} ${name}`))).to.deep.equal([]);
    expect(still.outputs).not.to.have.property("schedule");
    const watchdog = JSON.stringify(still.one("aws:lambda/function:Function", "watchdog").inputs["environment"]);
    expect(watchdog).not.to.include("REPLOT_SCHEDULE");
  });

  it("wakes the watchdog by tasks of this family that stop, daily, and by what could not be delivered", () => {
    const { inputs, state } = stack.one("aws:lambda/function:Function", "watchdog");
    expect(inputs).to.deep.include({ runtime: "nodejs24.x", timeout: 240, handler: "runner/watchdog.handler" });
    expect(json(stack.one("aws:cloudwatch/eventRule:EventRule", "stopped"), "eventPattern")).to.deep.equal({
      source: ["aws.ecs"],
      "detail-type": ["ECS Task State Change"],
      detail: { clusterArn: [stack.outputs["cluster"]], group: ["family:replot-dev"], lastStatus: ["STOPPED"] },
    });
    for (const name of ["stopped", "daily"]) {
      const rule = stack.one("aws:cloudwatch/eventRule:EventRule", name);
      const target = stack.one("aws:cloudwatch/eventTarget:EventTarget", name);
      expect(target.inputs).to.include({ arn: state["arn"], rule: rule.inputs["name"] });
      expect(stack.one("aws:lambda/permission:Permission", name).inputs).to.include({
        principal: "events.amazonaws.com",
        sourceArn: rule.state["arn"],
        sourceAccount: "123456789012",
      });
    }
    const queue = stack.one("aws:sqs/queue:Queue", "undelivered");
    expect(stack.one("aws:lambda/eventSourceMapping:EventSourceMapping", "undelivered").inputs).to.include({
      eventSourceArn: queue.state["arn"],
      functionName: state["arn"],
    });
    expect(queue.inputs["visibilityTimeoutSeconds"]).to.be.at.least(Number(inputs["timeout"]));
  });

  it("sends what the watchdog itself fails at to the topic", () => {
    const { inputs } = stack.one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "watchdog");
    expect(inputs["destinationConfig"]).to.deep.equal({ onFailure: { destination: stack.outputs["topicArn"] } });
    const alarm = stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", "undelivered");
    expect(alarm.inputs["alarmActions"]).to.deep.equal([stack.outputs["topicArn"]]);
    const policy = String(stack.one("aws:sns/topicPolicy:TopicPolicy", "reports").inputs["policy"]);
    expect(policy).to.include(String(alarm.state["arn"])).and.to.include('"aws:SourceAccount":"123456789012"');
  });

  it("tells the addresses of a month that becomes expensive, directly", async () => {
    const { inputs } = stack.one("aws:budgets/budget:Budget", "monthly");
    expect(inputs).to.include({ limitAmount: "20", limitUnit: "USD", timeUnit: "MONTHLY" });
    expect(JSON.stringify(inputs["notifications"])).to.include("ops@example.org").and.to.include("FORECASTED");
    const without = await declare({ config: { ...everything.config, ...readyImages, monthlyBudget: "0" } });
    expect(without.all("aws:budgets/budget:Budget")).to.deep.equal([]);
  });

  it("shows plots, failures, seconds per city and cost of its own stack", () => {
    const body = JSON.stringify(json(stack.one("aws:cloudwatch/dashboard:Dashboard", "runs"), "dashboardBody"));
    for (const metric of [
      "PlotsPublished",
      "PlotsMissing",
      "CitiesFailed",
      "CitySeconds",
      "RunSeconds",
      "Cost",
      "Retries",
    ]) {
      expect(body).to.include(`["replot","${metric}","stack","dev"`);
    }
  });
});
