/** The deployed task with a foreign program's image beside the runner: another subject, and every way to come to an end. */
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, before, beforeEach, it } from "mocha";
import { stopTimeouts } from "../../runner/deployment/task-containers.ts";
import { root } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";
import { stackState } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { catalogs, images, weatherData } from "./images.ts";
import { type Stage, stage } from "./stage.ts";

const catalog = join(root, "test/support/weather/weather.yaml");
/** The smallest task: the runner's part apart, R gets one GiB. */
const smallest = { cpu: "256", memory: "2048" };

describeWithMoto("the deployed task with another group's image", (moto) => {
  let data: string;
  let here: Stage;

  before(async () => {
    data = await weatherData();
  });
  beforeEach(async () => {
    here = await stage(moto, {
      runner: images.weatherRunner,
      r: images.weather,
      data,
      config: {
        ...smallest,
        workers: "2",
        attempts: "2",
        rCommand: JSON.stringify(["Rscript", "draw.R"]),
        rDirectory: "/srv/weather",
        rReadOnlyRoot: "true",
      },
      environment: { REPLOT_CATALOG: catalogs.weather },
    });
  });
  afterEach(() => here.clear());

  const state = () => stackState(here.stack, moto.endpoint, catalog);

  /** A run of every station. @param habits of the program, see `weather/draw.R` */
  function run(habits: string, maxRunSeconds?: number) {
    const rEnvironment = { FOREIGN_HABITS: habits, FOREIGN_MARKS: "/work" };
    return here.start(["regenerate", "all"], {}, { rEnvironment, ...(maxRunSeconds && { maxRunSeconds }) });
  }

  it("publishes what that one draws, without a change in either image", async () => {
    const task = await run("");
    const { code, output } = await task.ended;
    expect(code, output).to.equal(0);
    const { rows, runs } = await state();
    expect(rows).to.have.length(96);
    expect(runs[0]?.image).to.equal(here.rImage);
    expect((await here.stack.emails()).map(({ subject }) => subject)).to.deep.equal([
      "[replot] complete: 3 cities, 96 of 96 plots, 96 new or changed (all, manual)",
    ]);
  });

  it("survives that R is killed for memory, names it and reports it, and the others are published", async () => {
    const task = await run("S.1:eat-memory");
    const { code, output } = await task.ended;
    expect(code, output).to.equal(1);
    const { cities, runs } = await state();
    expect(runs[0]?.state).to.equal("incomplete");
    expect(cities.map(({ city, state }) => `${city} ${state}`)).to.deep.equal([
      "S.1 partial",
      "S.2 published",
      "S.3 published",
    ]);
    expect(cities[0]?.attempts.map(({ end }) => end)).to.deep.equal(
      Array(2).fill("R was killed for memory (exit 137)"),
    );
    const [email, another] = await here.stack.emails();
    expect(another).to.equal(undefined);
    expect(email?.subject).to.match(/^\[replot\] 1 of 3 cities need attention, /);
    expect(email?.body).to.contain("R was killed for memory (exit 137), 2 attempts");
  });

  for (const [order, how] of [
    ["reverse", "R first"],
    ["at once", "both at once"],
  ] as const) {
    it(`when stopped, ${how}, ends within its stop timeouts, with a true ledger and an e-mail that says so`, async () => {
      const task = await run("S.1:gate");
      await until("two stations to be published", async () => {
        const { cities } = await state();
        return cities.filter((city) => city.state === "published").length === 2;
      });
      const ends = await task.stop(order);
      const [r, runner] = [ends.get("r"), ends.get("runner")];
      expect(r?.seconds).to.be.lessThan(stopTimeouts.r);
      expect(r?.code).to.equal(143);
      expect(runner?.seconds).to.be.lessThan(stopTimeouts.runner);
      expect(runner?.code, runner?.output).to.equal(143);
      await expectInterrupted();
    });
  }

  it("is ended by its longest life, and says so", async () => {
    const task = await run("S.1:gate", 25);
    const { code, output, seconds } = await task.ended;
    expect(code, output).to.equal(124);
    expect(seconds).to.be.within(25, 25 + stopTimeouts.runner);
    await expectInterrupted();
  });

  /** What was finished is whole in the index, of the rest there is nothing, and one e-mail says how far it came. */
  async function expectInterrupted(): Promise<void> {
    const { cities, runs, rows } = await state();
    expect(runs[0]?.state).to.equal("interrupted");
    expect(runs[0]?.reportedAt).to.be.a("string");
    // what is undone, a resumed run does
    const done = cities.filter(({ state }) => state === "published").map(({ city }) => city);
    const undone = cities.filter(({ state }) => state === "pending").map(({ city }) => city);
    expect([...done, ...undone]).to.have.members(["S.1", "S.2", "S.3"]);
    expect(undone).to.include("S.1");
    const counted = cities.map(({ city }) => rows.filter((row) => row.city_scenario.startsWith(`${city}#`)).length);
    expect(counted).to.deep.equal(cities.map(({ city }) => (done.some((name) => name === city) ? 32 : 0)));
    const [email, another] = await here.stack.emails();
    expect(another).to.equal(undefined);
    const plots = `${32 * done.length} of 96 plots`;
    expect(email?.subject).to.contain(`interrupted with ${undone.length} of 3 cities undone, ${plots}`);
    expect(email?.body).to.contain("SIGTERM").and.to.contain("Not finished: S.1");
  }
});
