/** Files that R left which must not be published: what becomes of their plots, pages and logs. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { loadCatalog } from "../../../runner/catalog/load.ts";
import { plotPath, runKeys } from "../../../runner/layout.ts";
import { withAssets } from "../../../runner/publish/assets.ts";
import { openCityPublication } from "../../../runner/publish/city-publication.ts";
import type { FinishedPlot } from "../../../runner/render/pool.ts";
import { keepLog } from "../../../runner/report/logs.ts";
import { notRendered } from "../../../runner/run/city-result.ts";
import { plotId, sha256Of } from "../../support/plots.ts";
import { runId } from "../../support/samples.ts";
import { sandbox } from "../stores/sandbox.ts";

describe("a file that R left", () => {
  const box = sandbox();
  const plot = plotId({ city: "S.1", scenario: "warm", outcome: "temperature" });
  const run = runId(1);
  let directory: string;
  let file: string;
  let figure: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "replot-unfit-"));
    file = join(directory, "file");
    figure = join(directory, "figure");
    const traces = ["Baseline", "Warmer World"].map((name) => ({ name, x: [1, 2], y: [1, 2] }));
    await writeFile(figure, JSON.stringify({ data: traces, layout: {} }));
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** @returns why a plot was refused; undefined where it was published */
  async function refusalOf(changes: Partial<FinishedPlot>): Promise<string | undefined> {
    const stores = await box.stores();
    const publication = openCityPublication({
      objects: stores.objects,
      index: stores.index,
      catalog: await loadCatalog("test/support/weather/weather.yaml"),
      plan: {
        city: plot.city,
        inputs: { baseline: undefined, scenarios: new Map() },
        expected: [plot],
        due: [plot],
        current: [],
        unavailable: [],
        fingerprints: new Map([[plot.scenario, sha256Of("f")]]),
        why: "",
      },
      rows: [],
      run,
      image: "program@1",
      mend: false,
    });
    await publication.take({ plot, figure, ...changes });
    return publication.refused.get(plotPath(plot));
  }

  const plain = { figure: "the figure", metadata: "the metadata file", html: "the HTML page" } as const;
  for (const part of ["figure", "metadata", "html"] as const) {
    it(`in the place of ${plain[part]} is not published where it is a link or a pipe`, async () => {
      expect(await refusalOf({})).to.equal(undefined);
      await symlink(figure, file);
      expect(await refusalOf({ [part]: file })).to.equal(`${plain[part]} is not a plain file`);
      await rm(file);
      execFileSync("mkfifo", [file]);
      expect(await refusalOf({ [part]: file })).to.equal(`${plain[part]} is not a plain file`);
    });

    it(`in the place of ${plain[part]} is not read where it is too large`, async () => {
      await writeFile(file, "");
      await truncate(file, 1e12);
      expect(await refusalOf({ [part]: file })).to.match(
        new RegExp(
          `^${plain[part]} has 1,000,000,000,000 bytes, more than the [\\d,]+ (the catalog allows|that are read)$`,
        ),
      );
    });
  }

  it("for pages to share is not published where it is a link or too large, and that is told", async () => {
    const { objects } = await box.stores();
    await symlink("/etc/passwd", join(directory, "link.js"));
    await writeFile(join(directory, "large.js"), "");
    await truncate(join(directory, "large.js"), 1e12);
    const rendering = { extras: ["large.js", "link.js"], outputDirectory: directory };
    const { model } = await loadCatalog("test/support/weather/weather.yaml");
    const { remarks } = await withAssets({ ...notRendered, extras: rendering.extras }, objects, model, rendering);
    expect(remarks).to.deep.equal([
      "large.js could not be stored: has 1,000,000,000,000 bytes, more than the 20,000,000 that are read",
      "link.js could not be stored: is not a plain file",
    ]);
  });

  it("as a log is kept by its end, with what was cut off told, and never followed", async () => {
    const { objects } = await box.stores();
    await writeFile(file, `${"x".repeat(3_000_000)}last words\n`);
    await symlink("/etc/passwd", join(directory, "log"));
    const { log } = await keepLog(objects, run, plot.city, [file, join(directory, "log"), join(directory, "none")]);
    expect(log).to.equal(runKeys.log(run, plot.city));
    const kept = (await objects.get(runKeys.log(run, plot.city)))?.toString() ?? "";
    expect(kept.length).to.be.within(2_000_000, 2_000_500);
    expect(kept).to.match(
      /^==== attempt 1 ====\n\(the first 1,000,011 bytes of this log were cut off\)\nx+last words\n/,
    );
    expect(kept.slice(-200)).to.include(
      "last words\n==== attempt 2 ====\n(no log was left: what lies in its place is not a plain file)\n" +
        "==== attempt 3 ====\n(no log was left)\n",
    );
  });
});
