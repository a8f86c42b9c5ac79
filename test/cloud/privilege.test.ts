/** Least privilege, both ways: whole runs and the watchdog need every statement of their roles, and nothing else. */
import { gzipSync } from "node:zlib";
import { CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { RunTaskCommand } from "@aws-sdk/client-ecs";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { it } from "mocha";
import { pinKeys } from "../../runner/layout.ts";
import { runId } from "../../runner/run-id.ts";
import { settingsTable } from "../../runner/settings/table.ts";
import { openLedger } from "../../runner/stores/aws/ledger.ts";
import { openServices } from "../support/deploy/creator.ts";
import { describeWithMoto } from "../support/moto.ts";
import { runRecord } from "../support/samples.ts";
import { dailyClock, deadLetter } from "../watchdog/events.ts";
import { keys } from "./stage.ts";
import { weatherStage } from "./weather.ts";

describeWithMoto("roles", (moto) => {
  const own = weatherStage(moto);

  it("of the task: runs need all that it allows, and nothing else", async function () {
    this.timeout(120_000);
    const { stage } = own;
    const proxy = await stage.proxy();
    const { s3 } = stage.deployed.services;
    const { dataBucket, plotsBucket } = stage.deployed.cloud;
    // what nothing names any more, for the run to remove
    await s3.send(
      new PutObjectCommand({
        Bucket: plotsBucket,
        Key: "plots/weather/S.9/warm/old.0123456789abcdef.json",
        Body: "{}",
      }),
    );
    // what somebody pinned, for the run not to remove
    const pinned = pinKeys.index(runId(Date.UTC(2020, 10, 1), "all"));
    await s3.send(new PutObjectCommand({ Bucket: plotsBucket, Key: pinned, Body: gzipSync("") }));

    const first = await (await stage.start(proxy, ["regenerate", "all"])).ended;
    expect(first.code, first.stderr).to.equal(0);
    const Key = "simulations/weather/prerun/S.3/dry.Rdata";
    await s3.send(new DeleteObjectCommand({ Bucket: dataBucket, Key }));
    // another image draws the same: what is there is looked at, and not put again
    const environment = { [settingsTable.rImage.variable]: `registry.example/r@sha256:${"b2".repeat(32)}` };
    const second = await (await stage.start(proxy, ["regenerate", "all"], { environment })).ended;
    expect(second.code, second.stderr).to.equal(1);
    expect((await stage.state()).cities.map(({ state }) => state)).to.deep.equal(["published", "published", "partial"]);

    expect(proxy.denied("task")).to.deep.equal([]);
    expect(proxy.unneeded("task")).to.deep.equal([]);
    expect(await stage.stack.emails()).to.have.length(2);
  });

  it("of the watchdog: its incidents need all that it allows, and nothing else", async () => {
    const { stage } = own;
    const proxy = await stage.proxy();
    const { deployment, services } = stage.deployed;
    // a task that began no run, in ECS as well
    await services.ecs.send(
      new RunTaskCommand({
        cluster: deployment.cluster,
        taskDefinition: deployment.taskDefinition,
        launchType: "FARGATE",
        networkConfiguration: {
          awsvpcConfiguration: { subnets: deployment.subnets, securityGroups: deployment.securityGroups },
        },
      }),
    );
    // and a run whose task is gone, without a report
    const ledger = openLedger({ dynamodb: services.dynamodb }, deployment.runsTable);
    const id = runId(Date.now(), "small");
    await ledger.saveRun(runRecord(id, { state: "running", task: "laptop:1", started: new Date().toISOString() }));
    const task = await stage.start(proxy, ["regenerate", "no-such-preset"]);
    const event = await stage.ended(task, await task.ended, ["regenerate", "no-such-preset"]);
    await stage.wake(proxy, event, event, dailyClock);

    // an e-mail that SNS refused
    const snsDown = await stage.proxy({ without: ["sns:Publish"] });
    const mute = await stage.start(snsDown, ["regenerate", "small"]);
    await stage.wake(proxy, await stage.ended(mute, await mute.ended, ["regenerate", "small"]));

    // what Lambda does with the function's role: its log, and the queue's messages
    const { sqs, logs } = openServices(proxy.endpoint, keys.watchdog);
    const queue = deployment.deadLetterQueue;
    await services.sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: "{}" }));
    await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue }));
    const { Messages: [letter] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue }));
    await stage.wake(proxy, deadLetter({ ERROR_CODE: "AccessDenied" }, letter?.MessageId));
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: letter?.ReceiptHandle }));
    const lambda = {
      logGroupName: `/aws/lambda/${deployment.watchdogFunction}`,
      logStreamName: "2026/11/22/[$LATEST]0",
    };
    await logs.send(new CreateLogStreamCommand(lambda));
    await logs.send(new PutLogEventsCommand({ ...lambda, logEvents: [{ timestamp: Date.now(), message: "START" }] }));

    expect(proxy.denied("watchdog")).to.deep.equal([]);
    expect(proxy.unneeded("watchdog")).to.deep.equal([]);
    const emails = await stage.stack.emails();
    const late = emails.findIndex(({ body }) => body.startsWith("The watchdog sends this report, late"));
    expect(late).to.equal(2);
    expect(emails.toSpliced(late, 1).map(({ subject }) => subject)).to.deep.equal([
      `[replot] no run: the request was wrong (${deployment.stack})`,
      `[replot] ${id}: its task is gone, and it sent no report (${deployment.stack})`,
      `[replot] the schedule could not start its run: AccessDenied (${deployment.stack})`,
    ]);
  });
});
