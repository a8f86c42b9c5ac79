/** Runs that lose what they stand on: they go on, or say what is missing, and published plots stay. */
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parentOf, processesIn } from "../support/processes.ts";
import { skipFor } from "../support/skip.ts";
import { mountSmall, unmount } from "../support/small-disk.ts";
import { until } from "../support/until.ts";
import { perStation, weatherRuns } from "./weather.ts";

describe("a run that is disturbed in what it stands on", () => {
  const own = weatherRuns();
  const { waitingRun, openGate } = own;

  it("by the loss of its work directory starts R again, and loses nothing", async () => {
    const run = await waitingRun();
    // moved away first: removing file by file would race the runner, which makes the directory anew
    const gone = join(own.here.home, "gone");
    await rename(join(own.here.home, "work"), gone);
    await rm(gone, { recursive: true, force: true, maxRetries: 5 });
    await until("the loss to be noticed", () => run.said().includes("is started again"));
    await openGate("S.1");
    const { code, stderr } = await run.ended;
    expect(code, stderr).to.equal(0);
    expect(stderr).to.include("work directory");
    const { cities, rows } = await own.here.state();
    expect(rows).to.have.length(3 * perStation);
    expect(cities[0]?.attempts.length).to.be.greaterThan(1);
  });

  it("by the death of the agent starts it again, and loses nothing", async () => {
    const run = await waitingRun();
    const [agent = 0] = processesIn(own.here.directory, /agent\.sh/).filter((pid) => parentOf(pid) === run.process.pid);
    process.kill(agent, "SIGKILL");
    await openGate("S.1");
    const { code, stderr } = await run.ended;
    expect(code, stderr).to.equal(0);
    expect((await own.here.state()).rows).to.have.length(3 * perStation);
  });

  it("by a state database that another process locks waits, and then says so", async () => {
    await own.here.replot(["regenerate", "all", "--city", "S.2"]);
    const other = new DatabaseSync(join(own.here.home, "replot.sqlite"));
    other.exec("BEGIN EXCLUSIVE");
    try {
      const { code, stderr } = await own.here.replot(["regenerate", "all"]);
      expect(code).to.equal(3);
      expect(stderr).to.include("is locked by another process");
    } finally {
      other.exec("ROLLBACK");
      other.close();
    }
    expect((await own.here.replot(["regenerate", "all"])).code).to.equal(0);
    expect((await own.here.state()).rows).to.have.length(3 * perStation);
  });

  it("by a state database that is locked while a city ends stops, and does not take a half-drawn city for whole", async () => {
    await own.here.replot(["regenerate", "all"]);
    const before = (await own.here.state()).rows;
    // all is forced, S.1 waits half way; S.2 ends while the ledger cannot be written
    const run = own.here.start(["regenerate", "all", "--force", "--r-events", "--workers", "3"], {
      FOREIGN_HABITS: "S.1:gate S.2:gate S.3:gate",
    });
    await until("all stations to wait half way", async () => {
      const marks = await readdir(own.here.marks);
      return ["S.1", "S.2", "S.3"].every((station) => marks.includes(`${station}.waiting`));
    });
    const other = new DatabaseSync(join(own.here.home, "replot.sqlite"));
    other.exec("BEGIN EXCLUSIVE");
    await openGate("S.2");
    await until("the run to give up on the ledger", () => run.said().includes("the run stops"));
    other.exec("ROLLBACK");
    other.close();
    const { code, stdout } = await run.ended;
    expect(code, stdout).to.equal(3);
    expect(stdout).to.include("The run failed").and.to.include("is locked by another process");
    // readers see what they saw, and the ledger calls no city finished that is not
    const { rows, cities } = await own.here.state();
    expect(rows).to.deep.equal(before);
    expect(cities.map(({ city, state }) => `${city} ${state}`)).to.deep.equal([
      "S.1 pending",
      "S.2 failed",
      "S.3 pending",
    ]);

    await openGate("S.1", "S.3");
    expect((await own.here.replot(["regenerate", "all", "--force"])).code).to.equal(0);
    expect((await own.here.state()).runs[1]?.state).to.equal("failed");
  });

  it("by a full disk below its plots names it, and what was published before stays", async function () {
    if (!mountSmall(join(own.here.home, "objects"), "1M"))
      return skipFor(this, "mounting a small file system needs root");
    try {
      const big = await own.here.replot(["regenerate", "all", "--city", "S.1", "--city", "S.2"]);
      expect(big.code, big.stderr).to.equal(0);
      await writeFile(join(own.here.home, "objects", "filler"), Buffer.alloc(2_000_000)).catch(() => {});
      const { code, stdout, stderr } = await own.here.replot(["regenerate", "all"]);
      // there is no room for the report either
      expect(code, stdout).to.equal(3);
      expect(stderr).to.include("could not be reported").and.to.include("disk full");
      const { cities: recorded } = await own.here.state();
      expect(recorded.map(({ city, state }) => `${city} ${state}`)).to.deep.equal([
        "S.1 skipped",
        "S.2 skipped",
        "S.3 failed",
      ]);
      expect(recorded[2]?.reason).to.include("disk full");
      await rm(join(own.here.home, "objects", "filler"));
      const { rows } = await own.here.state();
      expect(rows).to.have.length(2 * perStation);
      expect((await own.here.replot(["regenerate", "--resume"])).code).to.equal(0);
      expect((await own.here.state()).rows).to.have.length(3 * perStation);
    } finally {
      unmount(join(own.here.home, "objects"));
    }
  });

  it("by a program that fills the disk loses that city alone", async function () {
    if (!mountSmall(join(own.here.home, "work"), "20M"))
      return skipFor(this, "mounting a small file system needs root");
    try {
      const { code, stdout, stderr } = await own.here.replot(["regenerate", "all", "--workers", "1"], {
        FOREIGN_HABITS: "S.1:fill-disk",
      });
      expect(code, stderr).to.equal(1);
      expect(stdout).to.match(/S\.1 Coast +partial +.*disk full/);
      const { cities } = await own.here.state();
      expect(cities.slice(1).map(({ state }) => state)).to.deep.equal(["published", "published"]);
    } finally {
      unmount(join(own.here.home, "work"));
    }
  });
});
