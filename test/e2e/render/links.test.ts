/** An R that puts links and pipes where its files should be: nothing outside its output is read, published or removed. */
import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { attemptFiles } from "../../../runner/render/agent/work-directory.ts";
import { clearStages, openStage, plots, type Stage } from "./stage.ts";

describe("an R that replaces", () => {
  afterEach(clearStages);

  /** Somebody else's directory, with all that would be taken for a plot. */
  async function treasure(stage: Stage, below: string): Promise<string> {
    const directory = join(stage.directory, "treasure", below);
    await mkdir(directory, { recursive: true });
    for (const { outcome } of plots) {
      await writeFile(join(directory, `${outcome}_mean_unfaceted.json`), "{}");
      await writeFile(join(directory, `${outcome}_mean_unfaceted_metadata.json`), "{}");
    }
    return directory;
  }

  for (const [what, place, below, lost] of [
    ["its output", '"$out"', "C.1/s", "attempts/C.1.1/output"],
    ["a city's directory", '"$out/C.1"', "s", "attempts/C.1.1/output/C.1"],
    ["a scenario's directory", '"$out/C.1/s"', "", "attempts/C.1.1/output/C.1/s"],
    ["all of the attempt", '"$attempt"', "output/C.1/s", "attempts/C.1.1"],
  ] as const) {
    for (const events of [true, false]) {
      it(`${what} by a link ${events ? "and tells of plots" : "and is watched"} has drawn nothing`, async () => {
        const stage = await openStage(
          `if [ "$number" = 1 ]; then
             mv ${place} "$STAGE/aside"; ln -s "$STAGE/treasure" ${place}
             for outcome in o1 o2 o3; do announce $outcome; done
             sleep 0.8
           fi`,
          { events },
        );
        const directory = await treasure(stage, below);
        const before = await readdir(directory);
        const result = await stage.pool.attempt({
          city: plots[0]?.city ?? expect.fail("no plots"),
          attempt: 1,
          job: "",
          plots,
          html: false,
          cityTimeoutSeconds: 60,
          onPlot: () => expect.fail("a plot was handed over"),
        });
        expect(result.missing).to.deep.equal(plots);
        expect(await readdir(directory)).to.deep.equal(before);
        const { output } = attemptFiles(stage.work, "C.1.1");
        expect((await lstat(output)).isDirectory()).to.equal(true);
        expect(await readdir(output)).to.deep.equal([]);
        expect(stage.troubles).to.deep.equal([`${lost} is not a directory any more; what R drew there does not count`]);
        await stage.pool.close();
        expect(existsSync(join(directory, "o1_mean_unfaceted.json"))).to.equal(true);
      });
    }
  }
});
