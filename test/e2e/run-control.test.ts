/** Runs that are stopped, killed, doubled, or lose what they stand on; each leaves a true ledger and whole plots. */
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type Installation, type Running, weatherInstallation } from "../support/installation.ts";
import { processesLike } from "../support/processes.ts";
import { skipFor } from "../support/skip.ts";
import { until } from "../support/until.ts";

const perStation = 32;

describe("a run that is disturbed", () => {
  let here: Installation;

  beforeEach(async () => {
    here = await weatherInstallation();
  });
  afterEach(() => here.remove());

  /** A run whose station S.1 waits half way; S.2 and S.3 have been published. */
  async function waitingRun(args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Running> {
    const run = here.start(["regenerate", "all", "--r-events", ...args], {
      FOREIGN_HABITS: "S.1:gate",
      ...environment,
    });
    await until("S.1 to wait half way and the others to be published", async () => {
      if (run.process.exitCode !== null) throw new Error((await run.ended).stderr);
      if (!(await marked("S.1.waiting"))) return false;
      const published = (await here.state()).rows.filter(({ city_scenario }) => !city_scenario.startsWith("S.1"));
      return published.length >= 2 * perStation;
    });
    return run;
  }

  async function marked(mark: string): Promise<boolean> {
    return (await readdir(here.marks)).includes(mark);
  }

  function openGate(): Promise<void> {
    return writeFile(join(here.marks, "S.1.open"), "");
  }

  async function expectWorkDirectoryEmpty(): Promise<void> {
    expect(await readdir(join(here.home, "work"))).to.deep.equal([]);
  }

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

      const stopped = await here.state();
      expect(stopped.runs[0]).to.deep.include({ state: "interrupted", error: `stopped by ${signal}` });
      expect(stopped.cities.map(({ city, state }) => `${city} ${state}`)).to.deep.equal([
        "S.1 pending",
        "S.2 published",
        "S.3 published",
      ]);
      expect(stopped.rows).to.have.length(2 * perStation);
      await expectWorkDirectoryEmpty();

      await openGate();
      const resumed = await here.replot(["regenerate", "--resume"]);
      expect(resumed.code, resumed.stderr).to.equal(0);
      expect(resumed.stderr).to.include("32 plots to draw for 1 city of 3");
      const whole = await here.state();
      expect(whole.rows).to.have.length(3 * perStation);
      expect(whole.runs[0]?.resumes).to.equal(stopped.runs[0]?.id);

      const again = await here.replot(["regenerate", "--resume"]);
      expect(again.code).to.equal(0);
      expect(again.stdout).to.include("nothing is left to resume");
      expect((await here.state()).runs).to.have.length(2);
    });
  }

  it("when forced, is resumed without doing again what it had done", async () => {
    await here.replot(["regenerate", "all"]);
    const run = here.start(["regenerate", "all", "--force", "--r-events"], { FOREIGN_HABITS: "S.1:gate" });
    await until("S.1 to wait and the others to end", async () => {
      const { cities } = await here.state();
      return (await marked("S.1.waiting")) && cities.filter(({ state }) => state === "published").length === 2;
    });
    run.process.kill("SIGTERM");
    await run.ended;
    await openGate();
    const resumed = await here.replot(["regenerate", "--resume"]);
    expect(resumed.code, resumed.stderr).to.equal(0);
    expect(resumed.stderr).to.include("32 plots to draw for 1 city of 3");
  });

  it("ends at once at a second Ctrl-C, and the next run puts things right", async () => {
    const run = await waitingRun();
    // the run cannot write down how far it came as long as the database is locked: it is still ending
    const other = new DatabaseSync(join(here.home, "replot.sqlite"));
    other.exec("BEGIN EXCLUSIVE");
    run.process.kill("SIGINT");
    const first = await until(
      "the first Ctrl-C to be heard",
      () => run.said().includes("SIGINT: stopping R") && Date.now(),
    );
    await until("a second press to be told from the first", () => Date.now() - first > 600);
    run.process.kill("SIGINT");
    const { code, stdout } = await run.ended;
    other.exec("ROLLBACK");
    other.close();
    expect(code).to.equal(130);
    expect(stdout, "no report").to.equal("");
    expect((await here.state()).runs[0]?.state).to.equal("running");
    await until("R to be gone, too", () => processesLike(/draw\.R.*S\.1\.1/).length === 0);

    await openGate();
    const next = await here.replot(["regenerate", "all"]);
    expect(next.code, next.stderr).to.equal(0);
    expect(next.stdout).to.include("its ledger was put right");
  });

  it("by kill -9 is recognised by the next run, which puts its ledger right and does the rest", async () => {
    const run = await waitingRun();
    run.process.kill("SIGKILL");
    await run.ended;
    const left = await here.state();
    expect(left.runs[0]?.state, "what the killed run left").to.equal("running");
    expect(left.cities[0]?.state).to.equal("running");

    await openGate();
    const next = await here.replot(["regenerate", "all"]);
    expect(next.code, next.stderr).to.equal(0);
    expect(next.stdout).to.match(/Run \S+-all had been killed; its ledger was put right/);
    const { runs, rows } = await here.state();
    expect(runs.map(({ state }) => state)).to.deep.equal(["complete", "failed"]);
    expect(runs[1]?.error).to.include("was killed");
    expect(rows).to.have.length(3 * perStation);
    await expectWorkDirectoryEmpty();
    expect((await here.replot(["verify"])).code).to.equal(0);
  });

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it(`by ${signal} in the middle of publishing a city leaves readers the plots they had`, async () => {
      expect((await here.replot(["regenerate", "all"])).code).to.equal(0);
      const before = (await here.state()).rows;
      const prerun = join(here.data, "simulations/weather/prerun");
      for (const scenario of ["warm", "dry"]) {
        await writeFile(join(prerun, `S.1/${scenario}.Rdata`), await readFile(join(prerun, `S.2/${scenario}.Rdata`)));
      }
      const objects = async () => (await readdir(join(here.home, "objects/plots/weather/S.1/warm"))).length;
      const had = await objects();
      const run = here.start(["regenerate", "all", "--r-events"], { FOREIGN_HABITS: "S.1:gate" });
      await until("half of the new plots to be uploaded", async () => (await objects()) > had + 4);
      run.process.kill(signal);
      await run.ended;
      expect((await here.state()).rows).to.deep.equal(before);

      await openGate();
      const next = await here.replot(["regenerate", "all"]);
      expect(next.code, next.stderr).to.equal(0);
      expect(next.stdout).to.include("32 new or changed, 64 unchanged");
      expect((await here.replot(["verify"])).code).to.equal(0);
    });
  }

  it("shows meanwhile what each city is at, and what R has written so far", async () => {
    const run = await waitingRun();
    const shown = await here.replot(["show"]);
    expect(shown.stdout)
      .to.match(/S\.1 +Coast +running +0 of 32/)
      .and.to.match(/S\.2 +Hills +published +32 of 32/);
    const { stdout } = await here.replot(["logs", "latest", "S.1"]);
    expect(stdout)
      .to.include("GENERATING: S.1/")
      .and.to.match(/still at work; follow it with: tail -f \S+\/log\)/);
    await openGate();
    await run.ended;
    expect((await here.replot(["logs", "latest", "S.1"])).stdout).to.include("[32/32] GENERATING");
  });

  it("by a second run is not: that one says who is at work, and exits with 4", async () => {
    const run = await waitingRun();
    const second = await here.replot(["regenerate", "all"]);
    expect(second.code).to.equal(4);
    expect(second.stderr).to.match(/\d{6}Z-all is at work \(since /);
    await openGate();
    expect((await run.ended).code).to.equal(0);
    expect((await here.state()).runs).to.have.length(1);
  });

  it("by the loss of its work directory starts R again, and loses nothing", async () => {
    const run = await waitingRun();
    await rm(join(here.home, "work"), { recursive: true, force: true });
    await until("the loss to be noticed", () => run.said().includes("is started again"));
    await openGate();
    const { code, stderr } = await run.ended;
    expect(code, stderr).to.equal(0);
    expect(stderr).to.include("work directory");
    const { cities, rows } = await here.state();
    expect(rows).to.have.length(3 * perStation);
    expect(cities[0]?.attempts.length).to.be.greaterThan(1);
  });

  it("by the death of the agent starts it again, and loses nothing", async () => {
    const run = await waitingRun();
    const [agent = 0] = processesLike(/agent\.sh/, run.process.pid);
    process.kill(agent, "SIGKILL");
    await openGate();
    const { code, stderr } = await run.ended;
    expect(code, stderr).to.equal(0);
    expect((await here.state()).rows).to.have.length(3 * perStation);
  });

  it("by a state database that another process locks waits, and then says so", async () => {
    await here.replot(["regenerate", "all", "--city", "S.2"]);
    const other = new DatabaseSync(join(here.home, "replot.sqlite"));
    other.exec("BEGIN EXCLUSIVE");
    try {
      const { code, stderr } = await here.replot(["regenerate", "all"]);
      expect(code).to.equal(3);
      expect(stderr).to.include("is locked by another process");
    } finally {
      other.exec("ROLLBACK");
      other.close();
    }
    expect((await here.replot(["regenerate", "all"])).code).to.equal(0);
    expect((await here.state()).rows).to.have.length(3 * perStation);
  });

  it("by a state database that is locked while a city ends stops, and does not take a half-drawn city for whole", async () => {
    await here.replot(["regenerate", "all"]);
    const before = (await here.state()).rows;
    // all is forced, S.1 waits half way; S.2 ends while the ledger cannot be written
    const run = here.start(["regenerate", "all", "--force", "--r-events", "--workers", "3"], {
      FOREIGN_HABITS: "S.1:gate S.2:gate S.3:gate",
    });
    await until("all stations to wait half way", async () => {
      const marks = await readdir(here.marks);
      return ["S.1", "S.2", "S.3"].every((station) => marks.includes(`${station}.waiting`));
    });
    const other = new DatabaseSync(join(here.home, "replot.sqlite"));
    other.exec("BEGIN EXCLUSIVE");
    await writeFile(join(here.marks, "S.2.open"), "");
    await until("the run to give up on the ledger", () => run.said().includes("the run stops"));
    other.exec("ROLLBACK");
    other.close();
    const { code, stdout } = await run.ended;
    expect(code, stdout).to.equal(3);
    expect(stdout).to.include("The run failed").and.to.include("is locked by another process");
    // readers see what they saw, and the ledger calls no city finished that is not
    const { rows, cities } = await here.state();
    expect(rows).to.deep.equal(before);
    expect(cities.map(({ city, state }) => `${city} ${state}`)).to.deep.equal([
      "S.1 pending",
      "S.2 failed",
      "S.3 pending",
    ]);

    for (const station of ["S.1", "S.3"]) await writeFile(join(here.marks, `${station}.open`), "");
    expect((await here.replot(["regenerate", "all", "--force"])).code).to.equal(0);
    expect((await here.state()).runs[1]?.state).to.equal("failed");
  });

  it("by a full disk below its plots names it, and what was published before stays", async function () {
    if (!(await mountSmall(join(here.home, "objects"), "1M")))
      return skipFor(this, "mounting a small file system needs root");
    try {
      const big = await here.replot(["regenerate", "all", "--city", "S.1", "--city", "S.2"]);
      expect(big.code, big.stderr).to.equal(0);
      await writeFile(join(here.home, "objects", "filler"), Buffer.alloc(2_000_000)).catch(() => {});
      const { code, stdout, stderr } = await here.replot(["regenerate", "all"]);
      // there is no room for the report either
      expect(code, stdout).to.equal(3);
      expect(stderr).to.include("could not be reported").and.to.include("disk full");
      const { cities: recorded } = await here.state();
      expect(recorded.map(({ city, state }) => `${city} ${state}`)).to.deep.equal([
        "S.1 skipped",
        "S.2 skipped",
        "S.3 failed",
      ]);
      expect(recorded[2]?.reason).to.include("disk full");
      await rm(join(here.home, "objects", "filler"));
      const { rows } = await here.state();
      expect(rows).to.have.length(2 * perStation);
      expect((await here.replot(["regenerate", "--resume"])).code).to.equal(0);
      expect((await here.state()).rows).to.have.length(3 * perStation);
    } finally {
      await unmount(join(here.home, "objects"));
    }
  });

  it("by a program that fills the disk loses that city alone", async function () {
    if (!(await mountSmall(join(here.home, "work"), "20M")))
      return skipFor(this, "mounting a small file system needs root");
    try {
      const { code, stdout, stderr } = await here.replot(["regenerate", "all", "--workers", "1"], {
        FOREIGN_HABITS: "S.1:fill-disk",
      });
      expect(code, stderr).to.equal(1);
      expect(stdout).to.match(/S\.1 Coast +partial +.*disk full/);
      const { cities } = await here.state();
      expect(cities.slice(1).map(({ state }) => state)).to.deep.equal(["published", "published"]);
    } finally {
      await unmount(join(here.home, "work"));
    }
  });
});

/** A small file system of its own at a directory; false where we may not. */
async function mountSmall(directory: string, size: string): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  if (process.getuid?.() !== 0 || process.platform !== "linux") return false;
  return new Promise((resolve) => {
    const mount = spawn("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory], { stdio: "ignore" });
    mount.on("error", () => resolve(false));
    mount.on("close", (code) => resolve(code === 0));
  });
}

function unmount(directory: string): Promise<void> {
  return new Promise((resolve) =>
    spawn("umount", ["--lazy", directory], { stdio: "ignore" }).on("close", () => resolve()),
  );
}
