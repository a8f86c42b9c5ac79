/** Whole runs of a task: the real runner, real R behind the real entry points, the services of a stand-in. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { it } from "mocha";
import { z } from "zod";
import { settingsTable } from "../../runner/settings/table.ts";
import { describeWithMoto } from "../support/moto.ts";
import { weatherTasks } from "./weather.ts";

describeWithMoto("a run in a task", (moto) => {
  const own = weatherTasks(moto);
  const { start, state } = own;

  it("publishes, registers, reports once, and leaves its volumes empty", async () => {
    const task = await start(["regenerate", "all"]);
    const { code, stderr, stdout } = await task.ended;
    expect(code, stderr).to.equal(0);

    const { runs, cities, rows } = await state();
    expect(runs).to.have.length(1);
    const [run] = runs;
    expect(run).to.deep.include({ state: "complete", trigger: "manual", task: task.arn, capacity: "FARGATE" });
    expect(run?.reportedAt).to.be.a("string");
    expect(run?.image).to.match(/^registry\.example\/r@sha256:/);
    // two cores and 8 GB for somewhat more than the minute that its images took
    expect(run?.cost).to.be.within(0.001, 0.01);
    expect(cities.map(({ state }) => state)).to.deep.equal(["published", "published", "published"]);
    expect(rows).to.have.length(96);

    const emails = await own.stack.emails();
    expect(emails).to.have.length(1);
    expect(emails[0]?.subject).to.equal("[replot] complete: 3 cities, 96 of 96 plots, 96 new or changed (all, manual)");
    expect(emails[0]?.body).to.contain("under $0.01").and.not.contain("repeated");

    const lines = stdout.split("\n").filter((line) => line.includes("_aws"));
    expect(lines).to.have.length(1);
    const metrics = z
      .looseObject({ _aws: z.looseObject({ CloudWatchMetrics: z.unknown() }) })
      .parse(JSON.parse(lines[0] ?? ""));
    expect(metrics).to.include({
      stack: own.stack.cloud.stack,
      PlotsPublished: 96,
      PlotsMissing: 0,
      CitiesFailed: 0,
      Retries: 0,
    });
    expect(metrics).not.to.have.property("service");
    expect(metrics["CitySeconds"]).to.have.length(3);
    expect(metrics._aws.CloudWatchMetrics).to.have.nested.property("[0].Namespace", "replot");
    expect(metrics._aws.CloudWatchMetrics).to.have.deep.nested.property("[0].Dimensions", [["stack"]]);

    expect(await readdir(task.work).catch(() => "gone")).to.equal("gone");
    const left = await readdir(join(task.data, "simulations"), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).to.deep.equal([]);
  });

  it("has its id from the scheduled time, and a second delivery of it does nothing", async () => {
    const environment = { [settingsTable.scheduledTime.variable]: "2026-11-22T09:00:00Z" };
    const first = await start(["regenerate", "small"], { environment });
    expect((await first.ended).code).to.equal(0);
    const second = await start(["regenerate", "small"], { environment });
    const { code, stderr } = await second.ended;
    expect(code, stderr).to.equal(0);
    expect(stderr).to.contain("2026-11-22T090000Z-small was begun before");
    const { runs } = await state();
    expect(runs.map(({ id, trigger, task }) => ({ id, trigger, task }))).to.deep.equal([
      { id: "2026-11-22T090000Z-small", trigger: "schedule", task: first.arn },
    ]);
    expect(await own.stack.emails()).to.have.length(1);
  });
});
