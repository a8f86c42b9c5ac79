/** The task definition: compared with a reviewed snapshot, and rules that hold for all settings. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { imageRoot, taskDefinition } from "../../infra/task-definition.ts";
import { credentialVariables } from "../../runner/deployment/credential-variables.ts";
import { root } from "../../runner/root.ts";
import { readSettings } from "../../runner/settings.ts";
import { declare, readyImages } from "../support/declared.ts";
import { taskValues } from "./task-values.ts";

/** Review what changes in it: `UPDATE_SNAPSHOT=1 mocha test/infra/task-definition.test.ts`. */
const snapshot = join(import.meta.dirname, "task-definition.json");

const made = taskDefinition(taskValues);
const [runner, r] = made.containerDefinitions;

describe("the task definition", () => {
  it("equals the reviewed snapshot", () => {
    const json = `${JSON.stringify(made, null, 2)}\n`;
    if (process.env["UPDATE_SNAPSHOT"]) writeFileSync(snapshot, json);
    expect(JSON.parse(json)).to.deep.equal(JSON.parse(readFileSync(snapshot, "utf8")));
  });

  it("passes settings that the runner reads back unchanged", () => {
    const environment = Object.fromEntries(runner.environment.map(({ name, value }) => [name, value]));
    const settings = readSettings({}, environment);
    expect(settings.cloud).to.deep.equal(taskValues.cloud);
    expect(settings.task).to.deep.equal({
      work: "/work/run",
      scheduledTime: undefined,
      successEmails: true,
      capacity: "FARGATE",
      maxRunSeconds: 21600,
    });
    const { rImage, rCommand, rEvents, rDirectory, workers, attempts, cityTimeoutSeconds, catalog } = taskValues;
    expect(settings).to.deep.include({
      rImage,
      rCommand,
      rEvents,
      rDirectory,
      workers,
      attempts,
      cityTimeoutSeconds,
      catalog,
    });
    expect(settings.data).to.equal("/data");
  });

  it("gives R only its secrets, and no init process that would keep the credential variables", () => {
    expect(r).not.to.have.property("environment");
    expect(r.linuxParameters.initProcessEnabled).to.equal(false);
    const entry = r.entryPoint.join(" ");
    for (const variable of credentialVariables) expect(entry).to.include(variable);
  });

  it("mounts the inputs read-only where R's image expects them, and only the work volume writable", () => {
    const elsewhere = taskDefinition({ ...taskValues, rDirectory: "/app", rReadOnlyRoot: false, rUser: "1000:1000" });
    const container = elsewhere.containerDefinitions[1];
    expect(container.mountPoints).to.deep.equal([
      { sourceVolume: "work", containerPath: "/work", readOnly: false },
      { sourceVolume: "simulations", containerPath: "/app/simulations", readOnly: true },
    ]);
    expect(container).to.deep.include({ readonlyRootFilesystem: false, user: "1000:1000" });
  });

  it("stops within Spot's two minutes, and ends when the runner ends", () => {
    expect([runner.stopTimeout, r.stopTimeout]).to.deep.equal([100, 10]);
    expect([runner.essential, r.essential]).to.deep.equal([true, false]);
  });

  it("matches the volumes, user and catalog of the runner's Dockerfile", () => {
    const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
    const volumes: unknown = JSON.parse(/^VOLUME (.+)$/m.exec(dockerfile)?.[1] ?? "[]");
    expect(runner.mountPoints.map(({ containerPath }) => containerPath)).to.deep.equal(volumes);
    expect(dockerfile).to.include(`--uid ${runner.user.split(":")[0]} `);
    expect(dockerfile).to.include(`COPY catalog ${imageRoot}/catalog`);
  });

  it("refers to the buckets, images and secrets of its stack", async () => {
    const stack = await declare({ config: { ...readyImages, rSecrets: '{"TOKEN": "/replot/token"}' } });
    const { inputs } = stack.one("aws:ecs/taskDefinition:TaskDefinition", "run");
    const definitions = String(inputs["containerDefinitions"]);
    for (const bucket of ["data", "plots"])
      expect(definitions).to.include(stack.one("aws:s3/bucket:Bucket", bucket).id);
    for (const image of Object.values(readyImages)) expect(definitions).to.include(image);
    expect(definitions).to.include("parameter/replot/token");
  });
});
