/** What a caller of the pool gets from images that behave, and from images that don't. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { CityCode } from "../../../runner/domain.ts";
import { isAlive } from "../../support/processes.ts";
import { until } from "../../support/until.ts";
import { clearStages, openStage, plot, plots } from "./stage.ts";

describe("rendering a city", () => {
  afterEach(clearStages);

  for (const events of [true, false]) {
    const how = events ? "an image that tells" : "an image that doesn't tell";

    it(`hands over a plot of ${how} while R still draws the next`, async () => {
      // R draws its second plot only after the first was taken
      const stage = await openStage("draw o1; await taken; draw o2; draw o3", { events });
      const rendering = await stage.render({ onPlot: () => stage.release("taken") });
      expect(stage.drawn).to.have.members(["o1", "o2", "o3"]);
      expect(rendering.missing).to.deep.equal([]);
      expect(rendering.reason).to.equal(undefined);
      expect(rendering.attempts.map(({ end, plots: brought }) => [end, brought])).to.deep.equal([["exit 0", 3]]);
    });
  }

  it("gives figure, metadata and page to the caller and removes them afterwards", async () => {
    const stage = await openStage("draw o1; draw o2; draw o3; echo js >$out/plotly.min.js", { events: true });
    const seen: string[] = [];
    const rendering = await stage.render({
      html: true,
      onPlot: async ({ figure, metadata, html }) => {
        for (const file of [figure, metadata ?? "", html ?? ""]) {
          expect(await readFile(file, "utf8")).not.to.equal("");
          seen.push(file);
        }
      },
    });
    expect(seen).to.have.length(9);
    expect(seen.filter((file) => existsSync(file))).to.deep.equal([]);
    // pages share one file; it stays for the caller
    expect(rendering.extras).to.deep.equal(["plotly.min.js"]);
    expect(await readFile(join(rendering.outputDirectory, "plotly.min.js"), "utf8")).to.equal("js\n");
  });

  it("keeps a shared file that only an attempt before the last one wrote", async () => {
    const stage = await openStage("[ $number = 2 ] || { echo js >$out/plotly.min.js; kill -9 $$; }; draw o1");
    const rendering = await stage.render({ plots: plots.slice(0, 1) });
    expect(await readFile(join(rendering.outputDirectory, "plotly.min.js"), "utf8")).to.equal("js\n");
  });

  it("does not judge a figure that is still being written", async () => {
    let looks = 0;
    const stage = await openStage(
      `printf '{"data":' >"$(figure o1).json"; echo '{}' >"$(figure o1)_metadata.json"; await looked; printf '[]}' >>"$(figure o1).json"; await taken`,
      {
        looksWhole: async (figure) => {
          looks += 1;
          const text = await readFile(figure, "utf8");
          if (text.endsWith("[]}")) return true;
          await stage.release("looked");
          return false;
        },
      },
    );
    const texts: string[] = [];
    await stage.render({
      plots: plots.slice(0, 1),
      onPlot: async ({ figure }) => {
        texts.push(await readFile(figure, "utf8"));
        await stage.release("taken");
      },
    });
    expect(texts).to.deep.equal(['{"data":[]}']);
    expect(looks).to.be.greaterThan(1);
  });

  it("hands over what is left at contract paths when R has ended, with or without metadata, whole or not", async () => {
    const stage = await openStage(
      `draw o1; rm "$(figure o1)_metadata.json"; draw o2; echo '{"data":[NaN]}' >"$(figure o2).json"; printf '{"da' >"$(figure o3).json"`,
    );
    const withMetadata: boolean[] = [];
    const rendering = await stage.render({
      onPlot: async ({ metadata }) => void withMetadata.push(metadata !== undefined),
    });
    expect(stage.drawn).to.have.members(["o1", "o2", "o3"]);
    expect(withMetadata.filter((there) => !there)).to.have.length(2);
    expect(rendering.missing).to.deep.equal([]);
  });

  it("trusts events no further than asked plots at their paths", async () => {
    const stage = await openStage(
      `echo 'not json' >>$events; announce o9; announce o3; echo '{"event":"plot","scenario":"x","outcome":"o1","statistic":"mean","facet":"none","path":"../../job.yaml"}' >>$events
       draw o9; draw o1; draw o1; printf '{"event":"plot","scen' >>$events; await taken`,
      { events: true },
    );
    const result = await stage.pool.attempt({
      city: CityCode.parse("C.1"),
      attempt: 1,
      job: "jobs: []\n",
      plots,
      html: false,
      cityTimeoutSeconds: 60,
      onPlot: async ({ plot: { outcome } }) => {
        stage.drawn.push(outcome);
        await stage.release("taken");
      },
    });
    expect(stage.drawn).to.deep.equal(["o1"]);
    expect(result.missing.map(({ outcome }) => outcome)).to.deep.equal(["o2", "o3"]);
    expect(result.extras).to.deep.equal(["C.1/s/o9_mean_unfaceted.json"]);
    expect(result.garbage).to.be.greaterThan(3);
  });

  it("names what never came of an image that exits 0, and does not start it again", async () => {
    const stage = await openStage("draw o1; draw o2; exit 0");
    const rendering = await stage.render();
    expect(rendering.reason?.text).to.equal("R exited 0 but 1 of 3 plots never appeared");
    expect(rendering.missing).to.deep.equal([plot("o3")]);
    expect(rendering.attempts).to.have.length(1);
  });

  it("publishes what came of an image that exits 1, and repeats what it said of the rest", async () => {
    const stage = await openStage(
      `draw o1; draw o3
       echo "[2026-11-22 09:00:01] ERROR: o2: no simulation for s"; echo "[2026-11-22 09:00:02] ERROR: o2: no simulation for s"; exit 1`,
    );
    const rendering = await stage.render();
    expect(stage.drawn).to.have.members(["o1", "o3"]);
    expect(rendering.reason?.text).to.equal(
      "R reported that some plots could not be drawn (exit 1): o2: no simulation for s (2 times)",
    );
    expect(rendering.attempts.map(({ end }) => end)).to.deep.equal(["exit 1"]);
    expect(rendering.lastLines.at(-1)).to.equal("[2026-11-22 09:00:02] ERROR: o2: no simulation for s");
  });

  it("starts a crashed R again for the missing plots alone, in a clean directory, and gives R's own words in the end", async () => {
    const stage = await openStage(
      `cat "$config" >>"$STAGE/jobs"; ls "$out/$city/s" >>"$STAGE/before"; [ $number -gt 1 ] || draw o1
       echo "Error in load(file) : bad restore file magic number"; echo "Execution halted"; exit 2`,
    );
    const rendering = await stage.render();
    expect(rendering.attempts.map(({ number, plots: brought }) => [number, brought])).to.deep.equal([
      [1, 1],
      [2, 0],
      [3, 0],
    ]);
    expect(rendering.reason?.text).to.equal(
      "R stopped with an error (exit 2): Error in load(file) : bad restore file magic number",
    );
    expect(await readFile(join(stage.directory, "jobs"), "utf8")).to.equal(
      "jobs: [o1, o2, o3]\njobs: [o2, o3]\njobs: [o2, o3]\n",
    );
    expect(await readFile(join(stage.directory, "before"), "utf8")).to.equal("");
    expect(rendering.logFiles).to.have.length(3);
  });

  it("says so when the program does not exist", async () => {
    const stage = await openStage("", { command: ["no-such-program"] });
    const rendering = await stage.render({ attempts: 1 });
    expect(rendering.reason?.text).to.match(/^R could not be started \(exit 127\): .*no-such-program/);
  });

  it("stops R when told to, keeps what was finished, and starts nothing again", async () => {
    const stop = new AbortController();
    const stage = await openStage("draw o1; sleep 1000", { events: true });
    const rendering = await stage.render({ signal: stop.signal, onPlot: async () => stop.abort() });
    expect(rendering.interrupted).to.equal(true);
    expect(rendering.attempts.map(({ end }) => end)).to.deep.equal(["stopped before it was finished"]);
    expect(stage.pids().filter(isAlive)).to.deep.equal([]);
  });

  it("does not start what was stopped while it waited its turn", async () => {
    const stop = new AbortController();
    const stage = await openStage("draw o1; await go", { workers: 1 });
    const first = stage.render({ plots: plots.slice(0, 1) });
    await until("R started", () => stage.pids().length === 1);
    const waiting = stage.render({ city: CityCode.parse("C.2"), signal: stop.signal });
    stop.abort();
    expect((await waiting).attempts).to.deep.include({
      number: 1,
      seconds: 0,
      end: "stopped before it was finished",
      endKind: "cancelled",
      plots: 0,
    });
    await stage.release("go");
    expect((await first).missing).to.deep.equal([]);
    expect(stage.pids()).to.have.length(1);
  });

  it("ends R and rejects when the caller cannot take a plot", async () => {
    const stage = await openStage("draw o1; sleep 1000", { events: true });
    const failure = await stage
      .render({ onPlot: () => Promise.reject(new Error("no room for plots")) })
      .catch((error: unknown) => error);
    expect(String(failure)).to.contain("no room for plots");
    await until("R is gone", () => !stage.pids().some(isAlive));
  });

  it("leaves nothing behind when it is closed in the middle of things", async () => {
    const stage = await openStage("sleep 1000 & sleep 1000");
    const rendering = stage.render();
    await until("R started", () => stage.pids().length === 1);
    await stage.pool.close();
    expect((await rendering).missing).to.have.length(3);
    expect(stage.pids().filter(isAlive)).to.deep.equal([]);
    expect(existsSync(stage.work)).to.equal(false);
  });
});
