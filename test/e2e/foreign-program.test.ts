/** A program we did not write, with the bad habits of images in use: what is good is published, what is missing named. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { CityRecord } from "../../runner/records.ts";
import { type Installation, weatherInstallation } from "../support/installation.ts";
import { isAlive } from "../support/processes.ts";
import { until } from "../support/until.ts";

const perStation = 32;
const stations = 3;
/** The one plot that the program spoils when told to. */
const oddOne = "temperature#mean.and.interval#season";

describe("a foreign program", () => {
  let here: Installation;

  beforeEach(async () => {
    here = await weatherInstallation();
  });
  afterEach(() => here.remove());

  async function stationOf(code: string): Promise<CityRecord> {
    const city = (await here.state()).cities.find((record) => record.city === code);
    if (!city) throw new Error(`no record of ${code}`);
    return city;
  }

  async function expectOthersWhole(): Promise<void> {
    for (const city of (await here.state()).cities.slice(1)) {
      expect(city.state, city.reason).to.equal("published");
      expect(city.counts.changed + city.counts.unchanged).to.equal(perStation);
    }
  }

  it("plots another subject altogether without a change in code", async () => {
    const { code, stdout } = await here.replot(["regenerate", "all"]);
    expect(code, stdout).to.equal(0);
    expect(stdout).to.include("complete: 3 cities, 96 of 96 plots, 96 new or changed");
    const { rows } = await here.state();
    expect(rows).to.have.length(stations * perStation);
    const row = rows.find(({ outcome_stat_facet }) => outcome_stat_facet === "rainfall#mean.and.interval#season+soil");
    expect(row?.s3_key).to.match(
      /^plots\/weather\/S\.1\/(dry|warm)\/rainfall_mean\.and\.interval_facet_season-soil\.[0-9a-f]{16}\.json$/,
    );
  });

  it("with sloppy output is published byte for byte, and its habits are counted", async () => {
    const habits = "na-strings,pretty,array-metadata,extra-keys,identifiers,empty-objects";
    const { code, stdout } = await here.replot(["regenerate", "all"], { FOREIGN_HABITS: habits });
    expect(code, stdout).to.equal(0);
    const { remarks } = await stationOf("S.1");
    expect(remarks).to.include.members([
      'tolerated in 32 plots: missing numbers written as "NA"',
      "tolerated in 32 plots: pretty-printed",
      "tolerated in 32 plots: metadata values in one-element arrays",
      "tolerated in 32 plots: keys beside data and layout",
    ]);
    const [row] = (await here.state()).rows;
    if (!row) throw new Error("no row");
    const figure = gunzipSync(await readFile(join(here.home, "objects", row.s3_key))).toString();
    expect(figure)
      .to.match(/^\{\n {2}"data":/)
      .and.to.include('"NA"')
      .and.to.include('"source":"A"');
    expect(row.file_size).to.equal(Buffer.byteLength(figure));
  });

  for (const [habit, reason] of [
    ["bare-nan", "it contains a bare NaN"],
    ["no-traces", "has no traces"],
    ["cut-off", "it was cut off in the middle"],
    ["no-baseline", "has no Baseline trace"],
    ["too-large", "more than the 200,000 the catalog allows"],
    ["panel-lost", "has 1 panels where facet season has 4 strata"],
  ] as const) {
    it(`that spoils one plot (${habit}) costs that plot alone, and the earlier one stays`, async () => {
      await here.replot(["regenerate", "all"]);
      const before = (await here.state()).rows;
      const { code, stdout } = await here.replot(["regenerate", "all", "--force"], { FOREIGN_HABITS: `S.1:${habit}` });
      expect(code).to.equal(1);
      expect(stdout).to.include("1 of 3 cities need attention, 95 of 96 plots");
      expect(stdout).to.include("S.1/warm/temperature (mean.and.interval, season): the figure").and.to.include(reason);
      expect(stdout).to.match(/the plots? of \d{4}-\d\d-\d\d stays? in place/);
      expect(await stationOf("S.1")).to.deep.include({ state: "partial" });
      expect((await here.state()).rows).to.deep.equal(before);
      await expectOthersWhole();
    });
  }

  it("that draws another outcome than was asked for is found out by its metadata", async () => {
    const { code, stdout } = await here.replot(["regenerate", "all"], { FOREIGN_HABITS: "S.1:wrong-outcome" });
    expect(code).to.equal(1);
    expect(stdout).to.include('says in its metadata that its outcome is "rainfall", not ');
    // rainfall itself and the facets are right; temperature and frost without a facet are not
    expect((await stationOf("S.1")).counts).to.deep.include({ changed: perStation - 8, missing: 8 });
    await expectOthersWhole();
  });

  it("that exits with 1 because one of its plots failed loses that plot alone, and its own error is told", async () => {
    const { code, stdout } = await here.replot(["regenerate", "all"], { FOREIGN_HABITS: "S.1:one-error" });
    expect(code).to.equal(1);
    const city = await stationOf("S.1");
    expect(city.counts).to.deep.include({ changed: perStation - 1, missing: 1 });
    expect(city.attempts, "exit 1 is R's own answer").to.have.length(1);
    expect(stdout).to.include("subscript out of bounds");
    expect(stdout).to.include("temperature x season (mean.and.interval; warm)");
    await expectOthersWhole();
  });

  it("that exits with 0 although plots were never drawn is not believed", async () => {
    const { code, stdout } = await here.replot(["regenerate", "all"], { FOREIGN_HABITS: "S.1:silent-gap" });
    expect(code).to.equal(1);
    expect(stdout).to.include("R exited 0 but 8 of 32 plots never appeared").and.to.include("temperature (all)");
    await expectOthersWhole();
  });

  it("that draws what nobody asked for is published without it, and told of", async () => {
    const { code } = await here.replot(["regenerate", "all"], { FOREIGN_HABITS: "S.1:unasked" });
    expect(code).to.equal(0);
    expect((await stationOf("S.1")).remarks).to.deep.equal([
      "1 file nobody asked for: S.1/dry/wind_mean.and.interval_unfaceted.json",
    ]);
    expect((await here.state()).rows.map(({ outcome }) => outcome)).not.to.include("wind");
  });

  it("that writes no metadata is published once it has ended", async () => {
    const { code } = await here.replot(["regenerate", "all"], { FOREIGN_HABITS: "S.1:no-metadata" });
    expect(code).to.equal(0);
    expect((await stationOf("S.1")).remarks).to.deep.equal(["tolerated in 1 plot: metadata file missing"]);
  });

  it("that is killed half way is started again, for what is missing alone", async () => {
    const { code } = await here.replot(["regenerate", "all"], { FOREIGN_HABITS: "S.1:kill-once" });
    expect(code).to.equal(0);
    const { attempts, counts } = await stationOf("S.1");
    expect(attempts).to.have.length(2);
    expect(attempts[0]?.end).to.include("SIGKILL");
    expect(attempts.map(({ plots }) => plots).reduce((sum, plots) => sum + plots)).to.equal(perStation);
    expect(counts.changed).to.equal(perStation);
    await expectOthersWhole();
  });

  it("that is killed every time fails after the last attempt, and what it drew before is published", async () => {
    const { code, stdout } = await here.replot(["regenerate", "all"], { FOREIGN_HABITS: "S.1:kill" });
    expect(code).to.equal(1);
    const { attempts, state } = await stationOf("S.1");
    expect(attempts).to.have.length(3);
    expect(state).to.equal("partial");
    expect(stdout).to.include("R was killed").and.to.include("3 attempts");
    await expectOthersWhole();
  });

  it("that falls over with an error is told of in R's own words", async () => {
    const { code, stdout } = await here.replot(["regenerate", "all"], {
      FOREIGN_HABITS: "S.1:crash",
      REPLOT_ATTEMPTS: "1",
    });
    expect(code).to.equal(1);
    expect(stdout).to.include("the weather model fell over");
    await expectOthersWhole();
  });

  it("that hangs is stopped at its deadline, with all it started", async () => {
    const { code, stdout } = await here.replot(["regenerate", "all"], {
      FOREIGN_HABITS: "S.1:hang",
      // long enough for the other stations on a busy machine
      REPLOT_CITY_TIMEOUT_SECONDS: "8",
      REPLOT_ATTEMPTS: "1",
    });
    expect(code).to.equal(1);
    expect(stdout).to.include("deadline of 8");
    const child = Number(await readFile(join(here.marks, "S.1.grandchild"), "utf8"));
    await until("the hanging program's child to be gone", () => !isAlive(child));
    await expectOthersWhole();
  });

  it("that tells of its plots as it goes is published as it goes", async () => {
    const { code } = await here.replot(["regenerate", "all", "--r-events"]);
    expect(code).to.equal(0);
    expect((await here.state()).rows).to.have.length(stations * perStation);
  });

  it("keeps the row of a spoiled plot out of the index where there was none before", async () => {
    await here.replot(["regenerate", "all"], { FOREIGN_HABITS: "S.1:bare-nan" });
    const keys = (await here.state()).rows.map((row) => `${row.city_scenario} ${row.outcome_stat_facet}`);
    expect(keys).to.have.length(95).and.not.to.include(`S.1#warm ${oddOne}`);
    // and the next run draws just that one
    const { code, stderr } = await here.replot(["regenerate", "all"]);
    expect(code).to.equal(0);
    expect(stderr).to.include("1 plot to draw for 1 city of 3");
    expect((await here.state()).rows).to.have.length(96);
  });
});
