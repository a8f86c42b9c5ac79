/** `replot start` and `replot stop`: real processes, on a stack in moto whose task is the real runner with real R. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { it } from "mocha";
import { z } from "zod";
import { taskId } from "../../runner/deployment/task-containers.ts";
import { deploy as deployDeclared } from "../support/deploy.ts";
import type { Call, Fault } from "../support/faulty-proxy.ts";
import { weatherCatalog } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";
import { stackState } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { weatherStack } from "./weather.ts";

describeWithMoto("replot start", (moto) => {
  const own = weatherStack(moto);
  const { fargate, replot, runner } = own;

  const onStack = () => ["--stack", own.stack.file];
  const args = (...words: string[]) => ["start", ...words, "--catalog", weatherCatalog, ...onStack()];
  const state = () => stackState(own.stack, moto.endpoint, weatherCatalog);
  const called = (action: string) => (call: Call) => call.target.endsWith(`.${action}`);

  it("starts the task with the request, follows it, prints the run's report and exits with its code", async () => {
    const { endpoint, tasks } = await fargate(own.stack, runner());
    const { code, stdout, stderr } = await replot(args("all", "--city", "Coast", "--workers", "1", "--html"), endpoint)
      .ended;
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/^\[replot\] complete: 1 city, 32 of 32 plots, 32 new or changed \(all, manual\)\n/);
    for (const state of ["PROVISIONING \\(FARGATE\\)", "RUNNING", "STOPPED"]) {
      expect(stderr).to.match(new RegExp(`^\\d\\d:\\d\\d:\\d\\d UTC {2}${state}`, "m"));
    }
    expect(stderr).to.match(/ run 20\d\d-\d\d-\d\dT\d{6}Z-all\n/);
    expect(stderr).to.match(/ S\.1 Coast +published +32 new or changed/);

    expect(tasks).to.have.length(1);
    expect(tasks[0]?.command).to.deep.equal(["regenerate", "all", "--city", "S.1", "--html", "--workers", "1"]);
    expect(tasks[0]?.environment).to.deep.equal({ REPLOT_CAPACITY: "FARGATE" });
    expect(tasks[0]?.input).to.deep.include({
      launchType: "FARGATE",
      propagateTags: "TASK_DEFINITION",
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: own.stack.deployment.subnets,
          securityGroups: own.stack.deployment.securityGroups,
          assignPublicIp: "ENABLED",
        },
      },
    });
    expect(tasks[0]?.input.startedBy).to.match(/^replot\/[\w-]+$/);
  });

  it("runs on Spot, prints the runner's log, and exits with 1 if plots are missing", async () => {
    const { endpoint, tasks } = await fargate(own.stack, runner("S.2:silent-gap"));
    const { code, stdout, stderr } = await replot(args("all", "--spot", "--logs", "--json"), endpoint).ended;
    expect(code, stderr).to.equal(1);
    expect(tasks[0]?.input.capacityProviderStrategy).to.deep.equal([{ capacityProvider: "FARGATE_SPOT", weight: 1 }]);
    expect(tasks[0]?.environment).to.deep.equal({ REPLOT_CAPACITY: "FARGATE_SPOT" });
    expect(stderr, "a line of the runner's own").to.match(/R draws 32 plots/);
    const output = z.looseObject({ exitCode: z.int(), task: z.string(), run: z.looseObject({ id: z.string() }) });
    expect(output.parse(JSON.parse(stdout))).to.deep.include({ exitCode: 1, task: tasks[0]?.arn });
  });

  it("starts one task although a connection breaks, ECS throttles and capacity is short", async () => {
    const trouble: Fault[] = [
      "reset",
      { status: 400, body: JSON.stringify({ __type: "InvalidParameterException", message: "Rate exceeded" }) },
      { answer: () => JSON.stringify({ tasks: [], failures: [{ reason: "RESOURCE:MEMORY" }] }) },
    ];
    const { endpoint, tasks, proxy } = await fargate(own.stack, runner(), (call) =>
      called("RunTask")(call) ? trouble.shift() : undefined,
    );
    const { code, stderr } = await replot(args("small"), endpoint).ended;
    expect(code, stderr).to.equal(0);
    expect(stderr)
      .to.match(/not started yet: Rate exceeded; retry in/)
      .and.to.match(/not started yet: RESOURCE:MEMORY; retry in/);
    expect(tasks).to.have.length(1);
    const Token = z.object({ clientToken: z.string().min(1) });
    const tokens = proxy.calls.filter(called("RunTask")).map(({ body }) => Token.parse(JSON.parse(body)).clientToken);
    const [first, again, ...others] = tokens;
    expect(again, "a call whose answer never came is repeated as the same").to.equal(first);
    expect(new Set(tokens).size, "after a refusal it is another").to.equal(others.length + 1);
  });

  it("explains why a task never started, and exits with 3", async () => {
    const { endpoint } = await fargate(own.stack, () => ({
      stopCode: "TaskFailedToStart",
      stoppedReason: "CannotPullContainerError: pull image manifest has been retried 5 time(s): not found",
    }));
    const { code, stderr } = await replot(args("small"), endpoint).ended;
    expect(code).to.equal(3);
    expect(stderr).to.match(/the task never started: CannotPullContainerError.*\n {2}\S*replot(\.js)? doctor/);
    expect((await state()).runs).to.deep.equal([]);
  });

  it("starts nothing on a wrong request", async () => {
    const { endpoint, proxy } = await fargate(own.stack, runner());
    const wrong: readonly (readonly [string[], RegExp])[] = [
      [["smal"], /unknown preset "smal".*small/],
      [["small", "--city", "Nowhere"], /unknown city "Nowhere"/],
      [["--resume", "latest", "--force"], /leave the preset and the selection out/],
      [["small", "--workers", "0"], /whole number of at least 1/],
    ];
    for (const [words, message] of wrong) {
      const { code, stderr } = await replot(args(...words), endpoint).ended;
      expect(code, stderr).to.equal(2);
      expect(stderr).to.match(message);
    }
    expect(proxy.calls).to.deep.equal([]);
  });

  it("reports missing credentials", async () => {
    const nobody = {
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      AWS_EC2_METADATA_DISABLED: "true",
      HOME: own.here.directory,
    };
    const { code, stderr } = await replot(args("small"), moto.endpoint, nobody).ended;
    expect(code).to.equal(3);
    expect(stderr).to.match(/no AWS credentials were found; log in again/);
  });

  it("does not retry a permanent refusal, such as a quota", async () => {
    const { endpoint, proxy } = await fargate(own.stack, runner(), (call) =>
      called("RunTask")(call)
        ? {
            status: 400,
            body: JSON.stringify({
              __type: "ClientException",
              message: "You've reached the limit on the number of vCPUs you can run concurrently",
            }),
          }
        : undefined,
    );
    const { code, stderr } = await replot(args("small"), endpoint).ended;
    expect(code).to.equal(3);
    expect(stderr).to.match(/ecs:RunTask failed.*limit on the number of vCPUs.*\n.*quota.*replot(\.js)? doctor/);
    expect(proxy.calls.filter(called("RunTask"))).to.have.length(1);
  });

  it("continues without its follower; stop ends the run, and start --resume draws the rest", async () => {
    const { endpoint, tasks } = await fargate(own.stack, runner("S.1:gate"));
    const follower = replot(args("all"), endpoint);
    await until("the others to be published", async () => {
      if (follower.process.exitCode !== null) throw new Error((await follower.ended).stderr);
      return /S\.2.*published/.test(follower.said()) && /S\.3.*published/.test(follower.said());
    });

    const second = await replot(args("all"), endpoint).ended;
    expect(second.code, second.stderr).to.equal(4);
    expect(second.stderr).to.match(/Z-all is at work \(since .* stop 20.*Z-all --stack /);

    follower.process.kill("SIGINT");
    const left = await follower.ended;
    expect(left.code).to.equal(130);
    const id = taskId(tasks[0]?.arn ?? "");
    expect(left.stderr).to.include("the run continues").and.to.include(` stop ${id} --stack ${own.stack.file}`);

    const stop = await replot(["stop", "latest", ...onStack()], endpoint).ended;
    expect(stop.code, stop.stderr).to.equal(0);
    expect(stop.stdout).to.match(/has ended: interrupted \(.+\)\.\n.* start --resume 20/);
    const again = await replot(["stop", "latest", ...onStack()], endpoint).ended;
    expect(again.code).to.equal(2);
    expect(again.stderr).to.match(/has ended already \(interrupted\)/);

    await writeFile(join(own.here.marks, "S.1.open"), "");
    const resumed = await replot(args("--resume"), endpoint).ended;
    expect(resumed.code, resumed.stderr).to.equal(0);
    expect(tasks.at(-1)?.command.slice(0, 2)).to.deep.equal(["regenerate", "--resume"]);
    const { rows, runs } = await state();
    expect(rows).to.have.length(96);
    expect(runs.map(({ state }) => state)).to.deep.equal(["complete", "interrupted"]);

    const nothing = await replot(args("--resume"), endpoint).ended;
    expect(nothing.code).to.equal(0);
    expect(nothing.stdout).to.include("nothing is left to resume");
    expect(tasks).to.have.length(2);
  }).timeout(120_000);

  it("starts the task that the Pulumi program declares, from the stack's outputs", async () => {
    const { deployment } = await deployDeclared(moto.endpoint, { config: { emails: '["ada@example.org"]' } });
    const file = join(own.stack.directory, "declared.json");
    await writeFile(file, JSON.stringify(deployment));
    const { endpoint, tasks } = await fargate({ ...own.stack, deployment }, () => ({
      stopCode: "",
      stoppedReason: "",
    }));
    const start = await replot(["start", "minimal", "--detach", "--stack", file], endpoint).ended;
    expect(start.code, start.stderr).to.equal(0);
    expect(tasks.map(({ command }) => command)).to.deep.equal([["regenerate", "minimal"]]);
    expect(tasks[0]?.arn).to.include(taskId(deployment.cluster));
    const doctor = await replot(["doctor", "minimal", "--stack", file], endpoint).ended;
    for (const what of [
      "Credentials",
      "Bucket of inputs",
      "Bucket of plots",
      "Table of plots",
      "Table of runs",
      "Lock",
    ]) {
      expect(doctor.stdout, doctor.stderr).to.match(new RegExp(`^✓ ${what} `, "m"));
    }
  });

  it("returns at once with --detach, and stop ends a task that began no run", async () => {
    const { endpoint, tasks } = await fargate(own.stack, () => ({
      stopCode: "UserInitiated",
      stoppedReason: "enough",
    }));
    const { code, stdout } = await replot(args("small", "--detach", "--json"), endpoint).ended;
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal({ task: tasks[0]?.arn });
    const stop = await replot(["stop", taskId(tasks[0]?.arn ?? ""), ...onStack()], endpoint).ended;
    expect(stop.code, stop.stderr).to.equal(0);
    expect(stop.stdout).to.match(/stopped before it began a run/);
  });
});
