/** The commands that look at runs, on a stack: real processes against moto, after a run of the real runner. */
import { expect } from "chai";
import { it } from "mocha";
import { settingsTable } from "../../runner/settings/table.ts";
import { weatherCatalog } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";
import { pulumiOnPath } from "../support/pulumi.ts";
import { until } from "../support/until.ts";
import { startWeatherTask } from "../support/weather-task.ts";
import { weatherStack } from "./weather.ts";

describeWithMoto("--stack", (moto) => {
  const own = weatherStack(moto);
  const { fargate, replot, runner } = own;

  /** A command on the stack, by its outputs in a file. */
  const on = (...words: string[]) =>
    replot([...words, "--stack", own.stack.file, "--catalog", weatherCatalog, "--home", own.here.home]).ended;

  async function run(...command: string[]): Promise<void> {
    const environment = { [settingsTable.rImage.variable]: own.stack.deployment.rImage };
    const task = await startWeatherTask(own.here, { stack: own.stack, endpoint: moto.endpoint, command, environment });
    const { code, stderr } = await task.ended;
    await task.remove();
    expect(code, stderr).to.equal(0);
  }

  it("is where runs are listed, shown, read back, planned, undone and tidied up", async () => {
    const empty = await on("show");
    expect(empty.code).to.equal(2);
    expect(empty.stderr).to.match(/no run yet; begin with: \S+ start minimal .*--stack /);
    await run("regenerate", "all");

    const runs = await on("runs", "--json");
    expect(runs.code, runs.stderr).to.equal(0);
    const [{ id }] = JSON.parse(runs.stdout);
    expect((await on("show")).stdout).to.include(
      `Readers see 96 plots of 3 cities, as run ${id} (complete) left them.`,
    );
    const show = await on("show", "latest");
    expect(show.stdout).to.include(`Run ${id}  complete`).and.to.include(` logs ${id} `);
    expect(show.stdout).to.include(`--stack ${own.stack.file}`);
    expect((await on("logs", "latest", "Coast")).stdout).to.match(/SUCCESS: Generated/);
    expect((await on("verify")).stdout).to.include("Everything is as it was published.");
    expect((await on("verify", id)).stdout).to.include("Everything is as the run left it.");
    expect((await on("rollback", id)).stdout).to.include(`The index is as run ${id} left it: 96 rows`);
    expect((await on("keep", id)).stdout)
      .to.include(` rollback ${id} `)
      .and.to.include("--stack");
    expect((await on("keep")).stdout).to.equal(`${id}\n`);
    expect((await on("keep", id, "--remove")).code).to.equal(0);
    expect((await on("prune", "--dry-run")).stdout).to.include("Would remove 0 objects");

    // what the stack's next run would do is told by the stack's own image, without any on this machine
    const plan = await on("plan", "all");
    expect(plan.code, plan.stderr).to.equal(0);
    expect(plan.stdout).to.include("0 cities would run (0 plots), 3 would be skipped");
  });

  it("is found by its name through Pulumi", async () => {
    await run("regenerate", "small");
    const path = await pulumiOnPath(own.stack.directory, { prod: JSON.stringify(own.stack.deployment) });
    const args = ["--catalog", weatherCatalog];
    const show = await replot(["show", "--stack", "prod", ...args], moto.endpoint, { PATH: path }).ended;
    expect(show.code, show.stderr).to.equal(0);
    expect(show.stdout).to.include("--stack prod");
    const nobody = await replot(["show", "--stack", "dev", ...args], moto.endpoint, { PATH: path }).ended;
    expect(nobody.code).to.equal(2);
    expect(nobody.stderr).to.match(/no stack named 'dev' found\n.*pulumi stack ls/);
  });

  it("is refused by regenerate, which points to start", async () => {
    const { code, stderr } = await on("regenerate", "small");
    expect(code).to.equal(2);
    expect(stderr).to.include(` start small --catalog ${weatherCatalog} --stack ${own.stack.file}`);
  });

  it("shows what the runner of a run under way writes, and follows it to its end", async () => {
    const { endpoint } = await fargate(own.stack, runner());
    const stackArguments = ["--stack", own.stack.file, "--catalog", weatherCatalog];
    const start = replot(["start", "all", ...stackArguments], endpoint);
    await until("the run to begin", () => {
      if (start.process.exitCode !== null) throw new Error(start.said());
      return / run 20/.test(start.said());
    });
    const logs = await replot(["logs", "--follow", ...stackArguments], endpoint).ended;
    expect(logs.code, logs.stderr).to.equal(0);
    expect(logs.stdout).to.match(/R draws 32 plots/);
    expect((await start.ended).code).to.equal(0);
  });
});
