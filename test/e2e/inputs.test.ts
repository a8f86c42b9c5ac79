/** Requests and inputs that are wrong: what is said, what is lost (itself alone), what stays. */
import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { printedCommand } from "../support/command.ts";
import { type Installation, weatherInstallation } from "../support/installation.ts";

const perStation = 32;

describe("a request that is wrong", () => {
  let here: Installation;

  before(async () => {
    here = await weatherInstallation();
  });
  after(() => here.remove());

  for (const [what, args, words] of [
    ["an unknown preset", ["regenerate", "al"], ['unknown preset "al"', "did you mean all?"]],
    ["an unknown city", ["regenerate", "all", "--city", "Cost"], ['unknown city "Cost"', "did you mean"]],
    ["an unknown facet", ["plan", "all", "--facet", "seasn"], ["seasn", "did you mean season?"]],
    ["an unknown option", ["regenerate", "--outcomes", "x"], ["--outcomes", "--outcome"]],
    ["an unknown command", ["regenrate"], ["regenerate"]],
    ["a setting that is no number", ["regenerate", "all", "--workers", "many"], ["--workers (REPLOT_WORKERS)"]],
    ["a number that is none", ["runs", "--limit", "abc"], ["expected a whole number"]],
    ["an unknown run", ["show", "2020"], ["there is no run"]],
  ] as const) {
    it(`by ${what} is answered with the nearest that is right, and nothing is started`, async () => {
      const { code, stderr, stdout } = await here.replot(args);
      for (const word of words) expect(stderr + stdout).to.include(word);
      expect(code).to.be.oneOf(what === "an unknown run" ? [2, 3] : [2]);
      expect(stderr).not.to.include("at file:");
    });
  }

  it("by a catalog with three mistakes is answered with all three, each with its line", async () => {
    const text = await readFile(join(import.meta.dirname, "../support/weather/weather.yaml"), "utf8");
    const broken = text
      .replace("kind: proportion", "kind: share")
      .replace("cities: [S.1]", "cities: [S.9]")
      .replace("facets: [none]", "facets: [seson]");
    const file = join(here.directory, "broken.yaml");
    await writeFile(file, broken);
    const { code, stderr } = await here.replot(["regenerate", "all", "--catalog", file]);
    expect(code).to.equal(2);
    for (const mistake of [
      /broken\.yaml:\d+:\d+: .*share|broken\.yaml:\d+:\d+: .*kind/,
      /broken\.yaml:\d+:\d+: .*S\.9/,
      /broken\.yaml:\d+:\d+: .*seson/,
    ]) {
      expect(stderr).to.match(mistake);
    }
  });

  it("by asking to resume and to select at once says that the two don't go together", async () => {
    for (const args of [
      ["all", "--resume"],
      ["--resume", "--force"],
      ["--resume", "--city", "S.1"],
    ]) {
      const { code, stderr } = await here.replot(["regenerate", ...args]);
      expect(code, args.join(" ")).to.equal(2);
      expect(stderr).to.include("leave the preset and the selection out");
    }
  });

  it("by a program that is not there cannot work, and says which", async () => {
    const { code, stderr } = await here.replot(["regenerate", "small", "--r-command", "no-such-program"]);
    expect(code).to.equal(3);
    expect(stderr).to.include("there is no program no-such-program; name another with --r-command");
    expect((await here.replot(["runs"])).stdout, "nothing was started").to.include("There is no run yet");
  });
});

describe("an input that is wrong", () => {
  let here: Installation;

  beforeEach(async () => {
    here = await weatherInstallation();
    expect((await here.replot(["regenerate", "all"])).code).to.equal(0);
  });
  afterEach(() => here.remove());

  function scenarioFile(station: string, scenario = "warm"): string {
    return join(here.data, "simulations/weather/prerun", station, `${scenario}.Rdata`);
  }

  async function expectSpoiled(args: readonly string[], words: readonly string[], state: string, missing: number) {
    const before = await here.state();
    const { code, stdout } = await here.replot(["regenerate", "all", ...args]);
    expect(code, stdout).to.equal(1);
    for (const word of words) expect(stdout).to.include(word);
    const after = await here.state();
    const first = after.cities.find(({ city }) => city === "S.1");
    expect(first).to.deep.include({ state });
    expect(first?.counts.missing).to.equal(missing);
    expect(after.cities.filter(({ city }) => city !== "S.1").every((city) => city.counts.missing === 0)).to.equal(true);
    // the previous good plots are still what readers see
    expect(after.rows.map(({ s3_key }) => s3_key)).to.include.members(before.rows.map(({ s3_key }) => s3_key));
    expect((await here.replot(["verify"])).code).to.equal(0);
  }

  it("since a scenario is missing costs that scenario", async () => {
    await rm(scenarioFile("S.1"));
    await expectSpoiled(
      ["--force"],
      ["scenario missing: simulations/weather/prerun/S.1/warm.Rdata", "everything under warm"],
      "partial",
      perStation / 2,
    );
  });

  it("since the baseline is missing costs the city", async () => {
    await rm(join(here.data, "simulations/weather/base/S.1_base.Rdata"));
    await expectSpoiled([], ["baseline missing: simulations/weather/base/S.1_base.Rdata"], "failed", perStation);
  });

  it("since it is cut off costs its plots", async () => {
    await truncate(scenarioFile("S.1"), 40);
    await expectSpoiled([], ["everything under warm"], "partial", perStation / 2);
  });

  it("since it is no R file costs its plots", async () => {
    await writeFile(scenarioFile("S.1"), "not an R file at all");
    await expectSpoiled([], ["everything under warm"], "partial", perStation / 2);
  });

  it("is drawn when it has changed, alone, and the report says why", async () => {
    const other = await readFile(scenarioFile("S.2"));
    await writeFile(scenarioFile("S.1"), other);
    const { code, stdout, stderr } = await here.replot(["regenerate", "all"]);
    expect(code).to.equal(0);
    expect(stderr).to.include("16 plots to draw for 1 city of 3");
    expect(stdout).to.include("Ran because: inputs changed: warm.Rdata (S.1)");
    expect(stdout).to.include("16 new or changed, 80 unchanged");
  });
});

describe("a published object", () => {
  let here: Installation;

  beforeEach(async () => {
    here = await weatherInstallation();
    expect((await here.replot(["regenerate", "all"])).code).to.equal(0);
  });
  afterEach(() => here.remove());

  it("that was deleted or altered behind our back is named by verify and mended by --force", async () => {
    const { rows } = await here.state();
    const [deleted, altered] = rows;
    if (!deleted || !altered) throw new Error("no rows");
    await rm(join(here.home, "objects", deleted.s3_key));
    await appendFile(join(here.home, "objects", altered.s3_key), "more");
    const found = await here.replot(["verify"]);
    expect(found.code).to.equal(1);
    expect(found.stdout).to.include("2 findings").and.to.include(deleted.s3_key).and.to.include(altered.s3_key);
    const again = printedCommand(found.stdout, /^Draw them again:/)?.join(" ");
    expect(again).to.match(/^regenerate all --city S\.1 --force/);

    expect((await here.replot(["regenerate", "all", "--city", "S.1", "--force"])).code).to.equal(0);
    expect((await here.replot(["verify"])).code).to.equal(0);
    // its bytes are what they were, and so is the day they were first published
    const mended = (await here.state()).rows.find(({ s3_key }) => s3_key === deleted.s3_key);
    expect(mended?.created_at).to.equal(deleted.created_at);
  });

  it("that is gone is mended by just the command that verify prints", async () => {
    const only = ["--city", "S.2", "--outcome", "rainfall", "--statistic", "mean.and.interval"];
    expect((await here.replot(["regenerate", "small", ...only, "--facet", "soil", "--force"])).code).to.equal(0);
    const row = (await here.state()).rows.find(
      ({ city_scenario, outcome_stat_facet }) =>
        city_scenario === "S.2#warm" && outcome_stat_facet === "rainfall#mean.and.interval#soil",
    );
    await rm(join(here.home, "objects", row?.s3_key ?? ""));
    const { stdout } = await here.replot(["verify", "latest"]);
    const command = printedCommand(stdout, /^Draw them again:/) ?? [];
    expect(command.join(" ")).to.include(
      "--city S.2 --outcome rainfall --statistic mean.and.interval --facet soil --force",
    );
    expect((await here.replot(command)).code).to.equal(0);
    expect((await here.replot(["verify"])).code).to.equal(0);
  });

  it("is gone back to by a rollback, refused before it starts where an object is gone", async () => {
    const first = await here.state();
    const run = first.runs[0]?.id;
    if (run === undefined) throw new Error("no run");
    const data = join(here.data, "simulations/weather/prerun");
    for (const station of ["S.1", "S.2"]) {
      await writeFile(join(data, station, "warm.Rdata"), await readFile(join(data, "S.3/warm.Rdata")));
    }
    expect((await here.replot(["regenerate", "all"])).stdout).to.include("32 new or changed");
    expect((await here.state()).rows).not.to.deep.equal(first.rows);

    const back = await here.replot(["rollback", run]);
    expect(back.code, back.stderr).to.equal(0);
    expect((await here.state()).rows).to.deep.equal(first.rows);

    const gone = first.rows[0]?.s3_key ?? "";
    expect((await here.replot(["regenerate", "all"])).code).to.equal(0);
    const present = (await here.state()).rows;
    await rm(join(here.home, "objects", gone));
    const refused = await here.replot(["rollback", run]);
    expect(refused.code).to.equal(3);
    expect(refused.stderr).to.include(gone).and.to.include("Nothing was changed");
    expect((await here.state()).rows).to.deep.equal(present);
  });
});
