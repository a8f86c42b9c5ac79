import { createServer } from "node:http";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { readTaskMetadata } from "../../../runner/fargate/metadata.ts";
import { startedBy, whyStopped } from "../../../runner/fargate/running-task.ts";
import { readSettings } from "../../../runner/settings.ts";

const inTask = (change: NodeJS.ProcessEnv = {}) =>
  readSettings({}, { REPLOT_WORK: "/work/run", REPLOT_MAX_RUN_SECONDS: "21600", ...change });

describe("a run as a task", () => {
  it("that was told to end at its time limit says so, and which setting to raise", () => {
    expect(whyStopped(inTask(), "SIGTERM", 21_599)).to.match(
      /^stopped after 6 h, the time limit of a run.*config set maxRunHours/,
    );
    expect(whyStopped(inTask(), "SIGTERM", 21_500)).to.contain("somebody stopped the task");
    expect(whyStopped(inTask({ REPLOT_CAPACITY: "FARGATE_SPOT" }), "SIGTERM", 100)).to.contain("Spot");
    expect(whyStopped(inTask(), "SIGINT", 21_599)).to.equal(undefined);
    expect(whyStopped(readSettings({}, {}), "SIGTERM", 1e9)).to.equal(undefined);
  });

  it("is scheduled where it has a scheduled time, manual where it has none", () => {
    const scheduledTime = "2026-11-22T09:00:00Z";
    expect(startedBy(inTask({ REPLOT_SCHEDULED_TIME: scheduledTime }), undefined)).to.include({
      trigger: "schedule",
      scheduledTime,
    });
    expect(startedBy(inTask(), undefined).trigger).to.equal("manual");
    expect(startedBy(readSettings({}, {}), undefined).trigger).to.equal("local");
  });
});

describe("the metadata endpoint", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  async function endpoint(...answers: readonly [number, string][]): Promise<NodeJS.ProcessEnv> {
    const left = [...answers];
    const server = createServer((_, response) => {
      const [status, body] = left.length > 1 ? (left.shift() ?? [500, ""]) : (left[0] ?? [500, ""]);
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return { ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${port}/v4/x` };
  }

  const arn = "arn:aws:ecs:us-east-1:1:task/c/1";
  const whole = JSON.stringify({
    TaskARN: arn,
    Limits: { CPU: 0.5, Memory: 3072 },
    PullStartedAt: "2026-11-22T09:00:00.123456789Z",
    EphemeralStorageMetrics: { Utilized: 100, Reserved: 20_496 },
    News: true,
  });

  it("tells who the task is and how large, also at the second attempt", async () => {
    expect(await readTaskMetadata(await endpoint([500, ""], [200, whole]))).to.deep.equal({
      task: arn,
      pullStarted: "2026-11-22T09:00:00.123456789Z",
      cores: 0.5,
      memory: 3,
      storage: 20_496 / 1024,
    });
  });

  it("may leave out what is not known yet, and be anything else or nothing at all: no run fails by it", async () => {
    expect(await readTaskMetadata(await endpoint([200, JSON.stringify({ TaskARN: arn })]))).to.include({ task: arn });
    for (const body of ["{}", "no JSON", JSON.stringify({ TaskARN: 7 })]) {
      expect(await readTaskMetadata(await endpoint([200, body])), body).to.equal(undefined);
    }
    expect(await readTaskMetadata({})).to.equal(undefined);
    expect(await readTaskMetadata({ ECS_CONTAINER_METADATA_URI_V4: "http://127.0.0.1:1/v4" })).to.equal(undefined);
  });
});
