/** Runs that are stopped, killed or doubled; each leaves a true ledger and whole plots. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { processesIn } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { perStation, weatherRuns } from "./weather.ts";

describe("a run that is disturbed", () => {
  const own = weatherRuns();
  const { waitingRun, marked, openGate, expectWorkDirectoryEmpty } = own;

  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    it(`by ${signal} says so, keeps what was published, and is resumed for the rest alone`, async () => {
      const run = await waitingRun();
      run.process.kill(signal);
      const ended = await run.ended;
      expect(ended.code, ended.stderr).to.equal(code);
      expect(ended.stdout)
        .to.include("interrupted with 1 of 3 cities undone")
        .and.to.include("Not finished: S.1 Coast");

      const stopped = await own.here.state();
      expect(stopped.runs[0]).to.deep.include({ state: "interrupted", error: `stopped by ${signal}` });
      expect(stopped.cities.map(({ city, state }) => `${city} ${state}`)).to.deep.equal([
        "S.1 pending",
        "S.2 published",
        "S.3 published",
      ]);
      expect(stopped.rows).to.have.length(2 * perStation);
      await expectWorkDirectoryEmpty();

      await openGate("S.1");
      const resumed = await own.here.replot(["regenerate", "--resume"]);
      expect(resumed.code, resumed.stderr).to.equal(0);
      expect(resumed.stderr).to.include("32 plots to draw for 1 city of 3");
      const whole = await own.here.state();
      expect(whole.rows).to.have.length(3 * perStation);
      expect(whole.runs[0]?.resumes).to.equal(stopped.runs[0]?.id);

      const again = await own.here.replot(["regenerate", "--resume"]);
      expect(again.code).to.equal(0);
      expect(again.stdout).to.include("nothing is left to resume");
      expect((await own.here.state()).runs).to.have.length(2);
    });
  }

  it("by nobody shows how far it is, while it is at work", async () => {
    const run = await waitingRun();
    const shown = await until("plots of the city at work to be shown", async () => {
      const { stdout } = await own.here.replot(["show", "latest"]);
      return / running +[1-9]\d* of 32 /.test(stdout) && stdout;
    });
    expect(shown).to.match(/^so far: 2 of 3 cities done, 1 at work \(S\.1\); \d+ of 96 plots$/m);
    expect((await own.here.replot(["runs"])).stdout).to.match(/ running +[6-9]\d of 96 /);
    await openGate("S.1");
    expect((await run.ended).code).to.equal(0);
  });

  it("when forced, is resumed without doing again what it had done", async () => {
    await own.here.replot(["regenerate", "all"]);
    const run = own.here.start(["regenerate", "all", "--force", "--r-events"], { FOREIGN_HABITS: "S.1:gate" });
    await until("S.1 to wait and the others to end", async () => {
      const { cities } = await own.here.state();
      return (await marked("S.1.waiting")) && cities.filter(({ state }) => state === "published").length === 2;
    });
    run.process.kill("SIGTERM");
    await run.ended;
    await openGate("S.1");
    const resumed = await own.here.replot(["regenerate", "--resume"]);
    expect(resumed.code, resumed.stderr).to.equal(0);
    expect(resumed.stderr).to.include("32 plots to draw for 1 city of 3");
  });

  it("ends at once at a second Ctrl-C, and the next run puts things right", async () => {
    const run = await waitingRun();
    // the run cannot write down how far it came as long as the database is locked: it is still ending
    const other = new DatabaseSync(join(own.here.home, "replot.sqlite"));
    other.exec("BEGIN EXCLUSIVE");
    run.process.kill("SIGINT");
    await until("the first Ctrl-C to be heard", () => run.said().includes("SIGINT: stopping R"));
    // presses that follow too closely count as the first
    await until("another press to end the run", () => run.process.exitCode !== null || !run.process.kill("SIGINT"));
    const { code, stdout } = await run.ended;
    other.exec("ROLLBACK");
    other.close();
    expect(code).to.equal(130);
    expect(stdout, "no report").to.equal("");
    expect((await own.here.state()).runs[0]?.state).to.equal("running");
    await until("R and its agent to be gone, too", () => processesIn(own.here.directory).length === 0);

    await openGate("S.1");
    const next = await own.here.replot(["regenerate", "all"]);
    expect(next.code, next.stderr).to.equal(0);
    expect(next.stdout).to.include("its ledger was put right");
  });

  it("by kill -9 leaves neither R nor agent at work", async () => {
    const run = await waitingRun();
    run.process.kill("SIGKILL");
    await until("R and its agent to be gone, too", () => processesIn(own.here.directory).length === 0);
  });

  it("by kill -9 is recognised by the next run, which puts its ledger right and does the rest", async () => {
    const run = await waitingRun();
    run.process.kill("SIGKILL");
    await run.ended;
    const left = await own.here.state();
    expect(left.runs[0]?.state, "what the killed run left").to.equal("running");
    expect(left.cities[0]?.state).to.equal("running");

    await openGate("S.1");
    const next = await own.here.replot(["regenerate", "all"]);
    expect(next.code, next.stderr).to.equal(0);
    expect(next.stdout).to.match(/Run \S+-all had been killed; its ledger was put right/);
    const { runs, rows } = await own.here.state();
    expect(runs.map(({ state }) => state)).to.deep.equal(["complete", "failed"]);
    expect(runs[1]?.error).to.include("was killed");
    expect(rows).to.have.length(3 * perStation);
    await expectWorkDirectoryEmpty();
    expect((await own.here.replot(["verify"])).code).to.equal(0);
  });

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it(`by ${signal} in the middle of publishing a city leaves readers the plots they had`, async () => {
      expect((await own.here.replot(["regenerate", "all"])).code).to.equal(0);
      const before = (await own.here.state()).rows;
      const prerun = join(own.here.data, "simulations/weather/prerun");
      for (const scenario of ["warm", "dry"]) {
        await writeFile(join(prerun, `S.1/${scenario}.Rdata`), await readFile(join(prerun, `S.2/${scenario}.Rdata`)));
      }
      const objects = async () => (await readdir(join(own.here.home, "objects/plots/weather/S.1/warm"))).length;
      const had = await objects();
      const run = own.here.start(["regenerate", "all", "--r-events"], { FOREIGN_HABITS: "S.1:gate" });
      await until("half of the new plots to be uploaded", async () => (await objects()) > had + 4);
      run.process.kill(signal);
      await run.ended;
      expect((await own.here.state()).rows).to.deep.equal(before);

      await openGate("S.1");
      const next = await own.here.replot(["regenerate", "all"]);
      expect(next.code, next.stderr).to.equal(0);
      expect(next.stdout).to.include("32 new or changed, 64 unchanged");
      expect((await own.here.replot(["verify"])).code).to.equal(0);
    });
  }

  it("shows meanwhile what each city is at, and what R has written so far", async () => {
    const run = await waitingRun();
    const shown = await own.here.replot(["show", "latest"]);
    expect(shown.stdout)
      .to.match(/S\.1 +Coast +running +\d+ of 32/)
      .and.to.match(/S\.2 +Hills +published +32 of 32/);
    const { stdout } = await own.here.replot(["logs", "latest", "S.1"]);
    expect(stdout)
      .to.include("GENERATING: S.1/")
      .and.to.match(/R is still running; follow its log with: tail -f \S+\/log\)/);
    await openGate("S.1");
    await run.ended;
    expect((await own.here.replot(["logs", "latest", "S.1"])).stdout).to.include("[32/32] GENERATING");
  });

  it("by a second run is not: that one says who is at work, and exits with 4", async () => {
    const run = await waitingRun();
    const second = await own.here.replot(["regenerate", "all"]);
    expect(second.code).to.equal(4);
    expect(second.stderr).to.match(/\d{6}Z-all is at work \(since /);
    await openGate("S.1");
    expect((await run.ended).code).to.equal(0);
    expect((await own.here.state()).runs).to.have.length(1);
  });
});
