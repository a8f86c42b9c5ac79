/** What the report prints about going back, pasted; what verify and show say of what readers see. Real runs. */
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { printedCommand, startOnTerminal } from "../support/command.ts";
import { type Installation, weatherCatalog, weatherCommand, weatherInstallation } from "../support/installation.ts";

const small = ["regenerate", "all", "--outcome", "temperature", "--facet", "none"];

describe("going back on the command line", function () {
  this.timeout(180_000);
  let here: Installation;

  beforeEach(async () => {
    here = await weatherInstallation();
  });
  afterEach(() => here.remove());

  const prerun = (station: string) => join(here.data, "simulations/weather/prerun", station);
  const replaceInputs = (station: string, by: string) => cp(prerun(by), prerun(station), { recursive: true });
  /** The command that a report prints, without `replot`. */
  const goBack = (stdout: string) => printedCommand(stdout, /^Go back /);

  it("is not offered to an incomplete run, whose state would remove all rows", async () => {
    const nothing = await here.replot([...small, "--r-command", "false"]);
    expect(nothing.code, nothing.stderr).to.equal(1);
    const { stdout, code } = await here.replot(small);
    expect(code).to.equal(0);
    expect(goBack(stdout)).to.equal(undefined);
  });

  it("works by pasting what the report prints, whatever options the run had", async () => {
    // as a person would give them, not the environment
    const options = [
      "--home",
      here.home,
      "--data",
      here.data,
      "--catalog",
      weatherCatalog,
      "--r-command",
      weatherCommand,
    ];
    expect((await here.replot([...small, ...options])).code).to.equal(0);
    const good = (await here.state()).rows;
    await replaceInputs("S.1", "S.3");
    const { stdout } = await here.replot([...small, ...options]);
    const command = goBack(stdout);
    expect(command).to.include("rollback").and.to.include("--home").and.not.to.include("--data");
    const back = await here.replot(command ?? [], { REPLOT_HOME: undefined, REPLOT_CATALOG: undefined });
    expect(back.code, back.stderr).to.equal(0);
    expect((await here.state()).rows).to.deep.equal(good);
  });

  it("leads past the run with the bad plots after it was undone and another run came", async () => {
    expect((await here.replot(small)).code).to.equal(0);
    const good = (await here.state()).runs[0]?.id;
    await replaceInputs("S.1", "S.3");
    const bad = goBack((await here.replot(small)).stdout);
    expect(bad).to.include(good);
    expect((await here.replot(bad ?? [])).code).to.equal(0);
    await replaceInputs("S.1", "S.2");
    expect(goBack((await here.replot(small)).stdout)).to.include(good);
  });

  it("asks before it removes rows: where nobody can answer it is refused, with the command that does it", async () => {
    expect((await here.replot([...small, "--city", "S.1"])).code).to.equal(0);
    const first = (await here.state()).runs[0]?.id ?? "";
    expect((await here.replot(small)).code).to.equal(0);
    const before = (await here.state()).rows;
    const refused = await here.replot(["rollback", first, "--home", here.home]);
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.include("removes 8 rows").and.to.include("Nothing was changed");
    expect((await here.state()).rows).to.deep.equal(before);
    const command = printedCommand(refused.stderr, /rollback .*--yes/) ?? [];
    expect(command).to.include("--yes").and.to.include("--home");
    const done = await here.replot(command);
    expect(done.code, done.stderr).to.equal(0);
    expect(done.stdout).to.include("8 removed");
    expect((await here.state()).rows).to.have.length(4);
  });

  it("asks a person on a terminal, and removes rows only after a yes", async () => {
    expect((await here.replot([...small, "--city", "S.1"])).code).to.equal(0);
    const first = (await here.state()).runs[0]?.id ?? "";
    expect((await here.replot(small)).code).to.equal(0);
    const answered = (answer: string) =>
      startOnTerminal([`[y/N]=${answer}`], ["rollback", first, "--home", here.home], here.environment).ended;
    const no = await answered("n");
    expect(no.code, no.stdout).to.equal(2);
    expect(no.stdout).to.include("removes 8 rows").and.to.include("nothing was changed");
    expect((await here.state()).rows).to.have.length(12);
    const yes = await answered("y");
    expect(yes.code, yes.stdout).to.equal(0);
    expect((await here.state()).rows).to.have.length(4);
  });

  it("is kept possible by keep, which lists what is kept and lets it go again", async () => {
    expect((await here.replot(small)).code).to.equal(0);
    const run = (await here.state()).runs[0]?.id ?? "";
    expect((await here.replot(["keep"])).stdout).to.equal("No run is kept.\n");
    const kept = await here.replot(["keep", "latest"]);
    expect(kept.code, kept.stderr).to.equal(0);
    expect(printedCommand(kept.stdout, /rollback/)?.slice(0, 2)).to.deep.equal(["rollback", run]);
    expect(kept.stdout).to.include("12 rows");
    expect((await here.replot(["keep"])).stdout).to.equal(`${run}\n`);
    expect((await here.replot(["keep", run, "--remove"])).stdout).to.include("is no longer kept");
    expect((await here.replot(["keep", "--remove"])).code).to.equal(2);
  });

  it("is looked at as what readers see now, by verify and show without a run", async () => {
    expect((await here.replot(small)).code).to.equal(0);
    const all = (await here.state()).runs[0]?.id ?? "";
    await replaceInputs("S.1", "S.3");
    expect((await here.replot([...small, "--city", "S.1"])).code).to.equal(0);
    const { runs, rows } = await here.state();
    const latest = runs[0]?.id ?? "";
    const show = await here.replot(["show"]);
    expect(show.stdout)
      .to.include(`Readers see 12 plots of 3 cities, as run ${latest} (complete) left them.`)
      .and.to.match(new RegExp(`${all} +complete +8 +2\\n`))
      .and.to.match(new RegExp(`${latest} +complete +4 +1\\n`));
    expect((await here.replot(["show", "latest"])).stdout).to.include(`Run ${latest}  complete`);

    // of a city that the latest run has nothing to do with
    const lost = rows.find(({ city_scenario }) => city_scenario.startsWith("S.2#"))?.s3_key ?? "";
    await rm(join(here.home, "objects", lost));
    expect((await here.replot(["verify", "latest"])).code).to.equal(0);
    const found = await here.replot(["verify"]);
    expect(found.code).to.equal(1);
    expect(found.stdout).to.include("12 plots that readers see").and.to.include(lost);
    const again = printedCommand(found.stdout, /^Draw them again:/) ?? [];
    expect(again).to.include("S.2").and.to.include("temperature");
    expect((await here.replot(again)).code).to.equal(0);
    expect((await here.replot(["verify"])).stdout).to.include("Everything is as it was published.");

    expect((await here.replot(["rollback", all])).code).to.equal(0);
    expect((await here.replot(["show"])).stdout).to.include(`as run ${all} had left them: a rollback went back to it`);
  });
});
