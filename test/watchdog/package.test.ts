/** The function as it is deployed: one file, run by a Node of its own. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { asset } from "@pulumi/pulumi";
import { expect } from "chai";
import { after, before, it } from "mocha";
import { watchdogHandler, watchdogPackage } from "../../infra/watchdog-package.ts";
import { describeWithMoto } from "../support/moto.ts";
import { dailyClock, deadLetter, exits, stopped } from "./events.ts";
import { stage } from "./stage.ts";

const execute = promisify(execFile);

/** What Lambda does: loads the module, and calls its function with each event. */
const lambda = `
const [file, name, ...events] = process.argv.slice(1);
const { [name]: handler } = await import(file);
for (const event of events) await handler(JSON.parse(event));
`;

describeWithMoto("the watchdog's package", (moto) => {
  let directory: string;
  let module: string;
  const files = new Map<string, string>();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "replot-watchdog-"));
    for (const [name, content] of Object.entries(await watchdogPackage().assets)) {
      if (!(content instanceof asset.StringAsset)) throw new Error(`${name} is no text`);
      files.set(name, await content.text);
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), await content.text);
    }
    module = join(directory, watchdogHandler.replace(/\.[^.]*$/, ".mjs"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const run = (environment: NodeJS.ProcessEnv, ...events: unknown[]) =>
    execute(
      process.execPath,
      ["--input-type=module", "--eval", lambda, module, "handler", ...events.map((event) => JSON.stringify(event))],
      { cwd: directory, env: environment },
    );

  const credentials = { AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing", AWS_REGION: "us-east-1" };

  it("runs by itself, takes its settings from the environment, and speaks", async () => {
    const { environment, received } = await stage(moto.endpoint);
    const variables = { ...environment, ...credentials, AWS_ENDPOINT_URL: moto.endpoint };
    const { stdout } = await run(variables, deadLetter({ ERROR_CODE: "Throttled" }), stopped({ containers: exits(2) }));
    expect((await received()).map(({ subject }) => subject)).to.deep.equal([
      "[replot] the schedule could not start its run: Throttled (test)",
      "[replot] no run: the request was wrong (test)",
    ]);
    const logged = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(logged.map(({ event }) => event)).to.deep.equal(["dead letters", "stopped"]);
  });

  it("asks ECS by the clock, and fails where that refuses", async () => {
    const { environment } = await stage(moto.endpoint);
    const variables = { ...environment, ...credentials, AWS_ENDPOINT_URL: moto.endpoint };
    const failed = await run(variables, dailyClock).then(
      () => "",
      (thrown: unknown) => String(thrown),
    );
    expect(failed).to.include("ecs:ListTasks failed for cluster").and.include("replot-test");
  });

  it("names every variable that it lacks", async () => {
    const failed = await run(credentials, dailyClock).then(
      () => "",
      (thrown: unknown) => String(thrown),
    );
    for (const name of [
      "REPLOT_STACK",
      "REPLOT_RUNS_TABLE",
      "REPLOT_TOPIC_ARN",
      "REPLOT_CLUSTER",
      "REPLOT_LOG_GROUP",
    ]) {
      expect(failed).to.include(name);
    }
  });

  it("is small, and nothing of what drives R is in it", () => {
    const whole = [...files.values()].join("");
    expect(whole.length).to.be.below(2_000_000);
    for (const foreign of ["agent.sh", "jobs/ready", "commander", "@pulumi"]) expect(whole).not.to.include(foreign);
  });
});
