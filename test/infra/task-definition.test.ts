/** The task of two containers: against a snapshot that was reviewed, and what must hold of it whatever is set. */
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
  it("is the one that was reviewed", () => {
    const json = `${JSON.stringify(made, null, 2)}\n`;
    if (process.env["UPDATE_SNAPSHOT"]) writeFileSync(snapshot, json);
    expect(JSON.parse(json)).to.deep.equal(JSON.parse(readFileSync(snapshot, "utf8")));
  });

  it("tells the runner settings that it understands as they were meant", () => {
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

  it("gives R no variable but its secrets, and no process that would keep what leads to credentials", () => {
    expect(r).not.to.have.property("environment");
    expect(r.linuxParameters.initProcessEnabled).to.equal(false);
    const entry = r.entryPoint.join(" ");
    for (const variable of credentialVariables) expect(entry).to.include(variable);
  });

  it("lets R read the inputs where its image looks for them, and write to the work volume alone", () => {
    const elsewhere = taskDefinition({ ...taskValues, rDirectory: "/app", rReadOnlyRoot: false, rUser: "1000:1000" });
    const container = elsewhere.containerDefinitions[1];
    expect(container.mountPoints).to.deep.equal([
      { sourceVolume: "work", containerPath: "/work", readOnly: false },
      { sourceVolume: "simulations", containerPath: "/app/simulations", readOnly: true },
    ]);
    expect(container).to.deep.include({ readonlyRootFilesystem: false, user: "1000:1000" });
  });

  it("stays within Spot's two minutes when it is stopped, and the run's end is the task's", () => {
    expect([runner.stopTimeout, r.stopTimeout]).to.deep.equal([100, 10]);
    expect([runner.essential, r.essential]).to.deep.equal([true, false]);
  });

  it("is mounted and called as the runner's image is made", () => {
    const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
    const volumes: unknown = JSON.parse(/^VOLUME (.+)$/m.exec(dockerfile)?.[1] ?? "[]");
    expect(runner.mountPoints.map(({ containerPath }) => containerPath)).to.deep.equal(volumes);
    expect(dockerfile).to.include(`--uid ${runner.user.split(":")[0]} `);
    expect(dockerfile).to.include(`COPY catalog ${imageRoot}/catalog`);
  });

  it("of the program is made of what the program declares", async () => {
    const stack = await declare({ config: { ...readyImages, rSecrets: '{"TOKEN": "/replot/token"}' } });
    const { inputs } = stack.one("aws:ecs/taskDefinition:TaskDefinition", "run");
    const { containerDefinitions, ...fields } = taskDefinition({
      ...taskValues,
      ...readyImages,
      cpu: 2048,
      memory: 8192,
      workers: 2,
      rEvents: false,
      rReadOnlyRoot: false,
      cloud: {
        ...taskValues.cloud,
        dataBucket: stack.one("aws:s3/bucket:Bucket", "data").id,
        plotsBucket: stack.one("aws:s3/bucket:Bucket", "plots").id,
      },
    });
    expect(inputs).to.deep.include(fields);
    expect(JSON.parse(String(inputs["containerDefinitions"]))).to.deep.equal(
      JSON.parse(JSON.stringify(containerDefinitions)),
    );
  });
});
