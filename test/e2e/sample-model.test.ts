/** The main job with the sample model: real R, real simulation files, the plots that the catalog's presets name. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { z } from "zod";
import { rEnvironment } from "../../runner/render/engine.ts";
import { Summary } from "../../runner/report/summary.ts";
import { type Installation, install, root } from "../support/installation.ts";
import { processesIn } from "../support/processes.ts";
import { until } from "../support/until.ts";

const execute = promisify(execFile);
const cities = ["C.12580", "C.12940", "C.14460", "C.16740"];
const catalog = join(root, "catalog/ryan-white.yaml");

const Figure = z.object({
  data: z.array(z.looseObject({ name: z.string(), y: z.array(z.number().nullable()), mode: z.string().optional() })),
  layout: z.looseObject({ meta: z.looseObject({ draws: z.number() }) }),
});

describe("the sample model", () => {
  let here: Installation;
  let data: string;

  before(async function () {
    this.timeout(120_000);
    data = await mkdtemp(join(tmpdir(), "replot-model-"));
    const selected = cities.flatMap((city) => ["--city", city]);
    await execute(
      "Rscript",
      [join(root, "model/exec/simulate"), "--cities", catalog, "--draws", "10", "--output", data, ...selected],
      { env: rEnvironment() },
    );
    here = await install({ catalog, data, environment: { REPLOT_WORKERS: "2" } });
  });
  after(async () => {
    await here.remove();
    await rm(data, { recursive: true, force: true });
  });

  it("publishes the 108 plots of the test preset, and reports them in every place", async () => {
    const { code, stdout, stderr } = await here.replot(["regenerate", "test"]);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include("[replot] complete: 4 cities, 108 of 108 plots, 108 new or changed (test, local)");
    const { runs, rows } = await here.state();
    expect(rows).to.have.length(108);
    const run = runs[0];
    if (!run) throw new Error("no run");
    expect(run.reportedAt).to.be.a("string");
    expect(await readFile(join(here.home, "outbox", `${run.id}.txt`), "utf8")).to.include("108 of 108 plots");
    const kept = join(here.home, "objects/runs", run.id);
    const summary = Summary.parse(JSON.parse(await readFile(join(kept, "summary.json"), "utf8")));
    expect(summary.run.counts).to.deep.equal({ expected: 108, changed: 108, unchanged: 0, skipped: 0, missing: 0 });
    const manifest = gunzipSync(await readFile(join(kept, "plots.ndjson.gz")))
      .toString()
      .trim()
      .split("\n");
    expect(manifest).to.have.length(108);
    expect((await readdir(join(kept, "logs"))).sort()).to.deep.equal(cities.map((city) => `${city}.log`));
    expect(await readdir(join(here.home, "work"))).to.deep.equal([]);
  });

  it("draws figures that hold the baseline, the scenario and as many panels as strata", async () => {
    const { rows } = await here.state();
    const row = rows.find(({ outcome_stat_facet }) => outcome_stat_facet === "adap.proportion#mean.and.interval#age");
    const { data: traces } = Figure.parse(
      JSON.parse(gunzipSync(await readFile(join(here.home, "objects", row?.s3_key ?? ""))).toString()),
    );
    expect(traces.filter(({ name }) => name === "Baseline")).to.have.length(5);
    for (const { name, y } of traces.filter((trace) => trace.name === "Baseline")) {
      expect(y, name).to.have.length(26);
      expect(Math.max(...y.map((value) => value ?? 0)), "a percentage").to.be.within(1, 100);
    }
  });

  it("is not started again where nothing has changed, and the report says since when", async () => {
    const { code, stdout, stderr } = await here.replot(["regenerate", "test"]);
    expect(code).to.equal(0);
    expect(stdout).to.include("nothing changed, 108 plots current");
    expect(stderr).to.match(/4 cities not drawn: nothing changed since /);
    expect((await here.state()).cities.every(({ attempts }) => attempts.length === 0)).to.equal(true);
  });

  it("draws observed data where there are any, and a page beside the plot", async () => {
    const { code, stderr } = await here.replot([
      ...["regenerate", "minimal", "--outcome", "new", "--html"],
      ...[
        "--statistic",
        "mean.and.interval",
        "--statistic",
        "median.and.interval",
        "--statistic",
        "individual.simulation",
      ],
    ]);
    expect(code, stderr).to.equal(0);
    const directory = join(here.home, "objects/plots/ryan-white/C.12580/cessation");
    const files = (await readdir(directory)).filter((name) => name.startsWith("new_"));
    expect(files.filter((name) => name.endsWith(".html"))).to.have.length(3);
    for (const name of files.filter((file) => file.endsWith(".json"))) {
      const figure = Figure.parse(JSON.parse(gunzipSync(await readFile(join(directory, name))).toString()));
      const observed = figure.data.find((trace) => trace.name === "Observed");
      expect(observed?.mode, name).to.equal("markers");
      expect(observed?.y).to.include(943).and.to.include(342);
    }
    expect(await readdir(join(here.home, "objects/plots/ryan-white"))).to.include("plotly.min.js");
  });

  it("killed from outside half way is started again, and nothing is lost", async () => {
    const run = here.start(["regenerate", "full", "--city", "Charlotte"]);
    const pid = await until("R to draw Charlotte", async () => {
      const [found] = processesIn(here.directory, /exec\/R.*attempts\/C\.16740\.1\//);
      const drawn = await readdir(join(here.home, "objects/plots/ryan-white/C.16740/cessation")).catch(() => []);
      return drawn.length > 40 ? found : undefined;
    });
    process.kill(pid, "SIGKILL");
    const { code, stderr } = await run.ended;
    expect(code, stderr).to.equal(0);
    const { cities: records, rows } = await here.state();
    expect(records[0]?.attempts.map(({ number }) => number)).to.deep.equal([1, 2]);
    expect(records[0]?.attempts[0]?.end).to.include("SIGKILL");
    expect(rows.filter(({ city_scenario }) => city_scenario.startsWith("C.16740"))).to.have.length(1818);
  });

  it("that meets an error in one outcome loses that outcome alone, and R's own words are told", async () => {
    const file = join(here.data, "simulations/ryan-white/prerun/C.12940/cessation.Rdata");
    const spoil =
      "file <- commandArgs(TRUE); load(file); simulation$quantities$infections <- NULL; save(simulation, file = file)";
    await execute("Rscript", ["-e", spoil, file]);
    const { code, stdout } = await here.replot(["regenerate", "test"]);
    expect(code).to.equal(1);
    expect(stdout).to.match(/C\.12940 Baton Rouge +partial/);
    expect(stdout).to.include("3 missing: incidence x none (all statistics; cessation)");
    const { cities: records } = await here.state();
    expect(records.filter(({ state }) => state === "partial").map(({ city }) => city)).to.deep.equal(["C.12940"]);
  });
});
