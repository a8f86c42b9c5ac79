/** Tasks that are stopped, lose their lock, or can't reach what they need: the ledger is true, and somebody is told once. */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { afterEach, it } from "mocha";
import { runKeys } from "../../runner/layout.ts";
import { settingsTable } from "../../runner/settings/table.ts";
import { openClients, retryPauseVariable } from "../../runner/stores/aws/client.ts";
import { openLock } from "../../runner/stores/aws/lock.ts";
import { openObjects } from "../../runner/stores/aws/objects.ts";
import { testCredentials } from "../support/credentials.ts";
import { type Call, type Fault, type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import { root } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";
import { runId } from "../support/samples.ts";
import type { TaskOptions, TestTask } from "../support/task.ts";
import { until } from "../support/until.ts";
import { untilGate } from "../support/weather-task.ts";
import { weatherTasks } from "./weather.ts";

const throttled: Fault = {
  status: 503,
  body: "<Error><Code>SlowDown</Code><Message>reduce your rate</Message></Error>",
};

describeWithMoto("a task that ends before its time", (moto) => {
  const own = weatherTasks(moto, { [settingsTable.rEvents.variable]: "1" });
  const { start, state } = own;
  const proxies: FaultyProxy[] = [];

  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
  });

  const clients = () => openClients({ endpoint: moto.endpoint, region: testCredentials.AWS_REGION });

  async function behindProxy(decide: (call: Call) => Fault | undefined): Promise<{ readonly endpoint: string }> {
    const proxy = await startFaultyProxy(moto.endpoint, decide);
    proxies.push(proxy);
    return { endpoint: proxy.endpoint };
  }

  /** A task whose station S.1 waits half way; the others have been published. */
  async function waiting(change: Partial<TaskOptions> = {}): Promise<TestTask> {
    const task = await start(["regenerate", "all"], change, "S.1:gate");
    await untilGate(own.here, task, state);
    return task;
  }

  async function expectTold(task: TestTask): Promise<string> {
    const emails = await own.stack.emails();
    expect(emails.map(({ subject }) => subject)).to.have.length(1);
    const { runs } = await state();
    expect(runs[0]).to.include({ task: task.arn });
    expect(runs[0]?.reportedAt).to.be.a("string");
    return `${emails[0]?.subject}\n${emails[0]?.body}`;
  }

  it("since it is stopped says so within the time it has, and keeps what is published", async () => {
    const task = await waiting();
    await task.stop();
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.equal(143);
    const { runs, cities, rows } = await state();
    expect(runs[0]).to.include({ state: "interrupted" });
    expect(cities.map(({ state }) => state)).to.deep.equal(["pending", "published", "published"]);
    expect(rows).to.have.length(64);
    const email = await expectTold(task);
    expect(email).to.contain("interrupted with 1 of 3 cities undone").and.contain("somebody stopped the task");
    expect(email).to.contain(`replot start all --city S.1 --stack ${own.stack.cloud.stack}`);
  });

  it("since its longest life is over names the setting", async () => {
    const task = await start(["regenerate", "all"], { maxRunSeconds: 8 }, "S.1:gate");
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.be.oneOf([124, 143]);
    expect(await expectTold(task))
      .to.contain("stopped after 8 s, the time limit of a run")
      .and.contain("config set maxRunHours");
  });

  it("while S3 refuses every write has its ledger and its e-mail out in time all the same", async function () {
    this.timeout(120_000);
    let down = false;
    const s3Down = await behindProxy(({ method, target }) =>
      down && target === "S3" && method === "PUT" ? throttled : undefined,
    );
    // pauses as long as in AWS: the time that the end has is over before the attempts are
    const task = await waiting({ ...s3Down, environment: { [retryPauseVariable]: "100" } });
    down = true;
    await writeFile(join(own.here.marks, "S.1.open"), "");
    const began = performance.now();
    await task.stop();
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.equal(143);
    expect((performance.now() - began) / 1000).to.be.lessThan(90);
    expect(await expectTold(task)).to.contain("interrupted with 1 of 3 cities undone");
  });

  it("since another run took its lock stops, writes no row more, and fails with one e-mail", async () => {
    const task = await waiting();
    const mine = clients();
    // as if this task had been frozen for longer than the lease
    const lock = openLock(mine, own.stack.cloud.runsTable, { now: () => Date.now() + 120_000 });
    const other = await lock.acquire({ run: runId(2), owner: "another task", since: new Date().toISOString() });
    expect(other).not.to.have.property("heldBy");
    const { code, stderr } = await task.ended;
    mine.close();
    expect(code, stderr).to.equal(3);
    const { runs, rows } = await state();
    expect(runs[0]).to.include({ state: "failed" });
    expect(rows, "of S.1 there are none").to.have.length(64);
    expect(await expectTold(task)).to.contain("the lock was lost to another run");
    const objects = openObjects(clients(), own.stack.cloud.plotsBucket);
    const [{ id } = { id: runId(1) }] = runs;
    expect(await objects.has(runKeys.summary(id))).to.equal(true);
    expect(await objects.has(runKeys.index(id)), "a snapshot of rows that another run changes").to.equal(false);
  });

  it("since SNS takes no e-mail ends with 3, unreported, its summary in S3", async function () {
    this.timeout(120_000);
    const snsDown = await behindProxy(({ body }) => (body.includes("Action=Publish") ? { status: 500 } : undefined));
    const task = await start(["regenerate", "small"], snsDown);
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.equal(3);
    expect(stderr).to.contain("could not be reported: sns:Publish failed");
    const { runs } = await state();
    expect(runs[0]).to.include({ state: "complete" });
    expect(runs[0]?.error).to.contain("sns:Publish");
    expect(runs[0]?.reportedAt).to.equal(undefined);
    const [{ id } = { id: runId(1) }] = runs;
    expect(await openObjects(clients(), own.stack.cloud.plotsBucket).has(runKeys.summary(id))).to.equal(true);
  });

  it("without credentials says so and what to do, and ends with 3", async () => {
    const task = await start(["regenerate", "small"], {
      environment: {
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_EC2_METADATA_DISABLED: "true",
        HOME: own.here.directory,
      },
    });
    const { code, stderr } = await task.ended;
    expect(code).to.equal(3);
    expect(stderr).to.contain("no AWS credentials were found").and.contain("log in again");
  });

  it("since its credentials expire half way fails in these words, with 3", async () => {
    let expired = false;
    const body = JSON.stringify({ __type: "ExpiredTokenException", message: "The security token included is expired" });
    const proxy = await behindProxy(({ target }) => {
      if (!expired) return undefined;
      return target === "S3"
        ? { status: 400, body: "<Error><Code>ExpiredToken</Code></Error>" }
        : { status: 400, body };
    });
    const task = await waiting(proxy);
    expired = true;
    await writeFile(join(own.here.marks, "S.1.open"), "");
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.equal(3);
    expect(stderr).to.contain("the credentials have expired");
    expect(await own.stack.emails()).to.deep.equal([]);
  });

  it("since the schedule delivered twice and the first is at work ends quietly", async () => {
    const environment = { [settingsTable.scheduledTime.variable]: "2026-11-22T04:00:00-05:00" };
    const first = await waiting({ environment });
    const second = await start(["regenerate", "all"], { environment });
    const { code, stderr } = await second.ended;
    expect(code, stderr).to.equal(0);
    expect(stderr).to.contain("2026-11-22T090000Z-all was begun before");
    const another = await start(["regenerate", "all"]);
    expect((await another.ended).code, "what a person starts meanwhile is refused").to.equal(4);
    await writeFile(join(own.here.marks, "S.1.open"), "");
    expect((await first.ended).code).to.equal(0);
    expect((await state()).runs.map(({ id }) => id)).to.deep.equal(["2026-11-22T090000Z-all"]);
    await expectTold(first);
  });

  it("since the stack serves another catalog says so, and touches nothing", async () => {
    const first = await start(["regenerate", "small"]);
    expect((await first.ended).code).to.equal(0);
    const { code, stderr } = await (
      await start(["regenerate", "minimal"], { catalog: join(root, "catalog/ryan-white.yaml") })
    ).ended;
    expect(code, stderr).to.equal(2);
    expect(stderr).to.contain("holds the plots of the model `weather`, not of `ryan-white`");
    expect((await state()).runs).to.have.length(1);
  });

  it("since an input changed in S3 while R read it loses that city alone, whose plots are not shown", async () => {
    const task = await waiting();
    const Key = "simulations/weather/prerun/S.1/warm.Rdata";
    const body = await readFile(join(own.here.data, "simulations/weather/prerun/S.2/warm.Rdata"));
    await clients().s3.send(new PutObjectCommand({ Bucket: own.stack.cloud.dataBucket, Key, Body: body }));
    await writeFile(join(own.here.marks, "S.1.open"), "");
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.equal(1);
    const { cities, rows } = await state();
    expect(cities.map(({ state }) => state)).to.deep.equal(["failed", "published", "published"]);
    expect(rows).to.have.length(64);
    expect(await expectTold(task)).to.contain(`the input ${Key} changed while it was being read`);
  });

  it("since its plots bucket is gone says what is missing and what to do", async () => {
    const cloud = { ...own.stack.cloud, plotsBucket: "replot-was-here" };
    const task = await start(["regenerate", "small"], { stack: { ...own.stack, cloud } });
    const { code, stderr } = await task.ended;
    expect(code).to.equal(3);
    expect(stderr).to.contain("bucket replot-was-here").and.contain("there is no such bucket; run `pulumi up`");
    const { runs } = await state();
    expect(runs[0]?.reportedAt).to.equal(undefined);
  });

  it("that may not read its inputs fails, and names the action to allow", async () => {
    const denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    const proxy = await behindProxy(({ method, url }) =>
      method === "GET" && url.includes("S.1_base.Rdata") && !url.includes("prefix=")
        ? { status: 403, body: denied }
        : undefined,
    );
    const task = await start(["regenerate", "small"], proxy);
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.equal(3);
    expect(await expectTold(task)).to.contain("let the role or user allow s3:GetObject");
  });

  it("survives the death of R's container, what an earlier run left, and starts in any order", async () => {
    const late = await start(["regenerate", "small"], { withoutR: true });
    await until(
      "the runner to wait for the agent",
      async () => (await readFile(join(late.work, "agent.sh"), "utf8").catch(() => "")) !== "",
    );
    late.startR();
    expect((await late.ended).code).to.equal(0);

    // an earlier run's agent, told to stop, and its stop file
    const leftovers = async (work: string) => {
      for (const part of ["settings", "jobs/ready"]) await mkdir(join(work, part), { recursive: true });
      await copyFile(join(root, "runner/render/agent/agent.sh"), join(work, "agent.sh"));
      await writeFile(join(work, "settings", "session"), "an earlier one\n");
      await writeFile(join(work, "stop"), "now\n");
    };
    const again = await start(["regenerate", "small", "--force"], { leftovers });
    const swept = await again.ended;
    expect(swept.code, swept.stderr).to.equal(0);

    const task = await start(["regenerate", "all", "--force"], {}, "S.1:gate");
    await until("S.1 to wait", async () => (await readdir(own.here.marks)).includes("S.1.waiting"));
    task.killR();
    await writeFile(join(own.here.marks, "S.1.open"), "");
    task.startR();
    const { code, stderr } = await task.ended;
    expect(code, stderr).to.equal(0);
    const { cities } = await state();
    expect(cities.map(({ state }) => state)).to.deep.equal(["published", "published", "published"]);
    expect(cities[0]?.attempts).to.have.length(2);
  });
});
