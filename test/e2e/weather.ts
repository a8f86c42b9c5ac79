/** An installation of the weather model for each test, and runs of it that wait half way. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach } from "mocha";
import { type Installation, type Running, weatherInstallation } from "../support/installation.ts";
import { until } from "../support/until.ts";

/** Plots of each of the three stations. */
export const perStation = 32;

/** Registers set-up and clean-up; call it inside `describe`. */
export function weatherRuns() {
  let here: Installation;

  beforeEach(async () => {
    here = await weatherInstallation();
  });
  afterEach(() => here.remove());

  /** Whether a station's program has left a mark. */
  async function marked(mark: string): Promise<boolean> {
    return (await readdir(here.marks)).includes(mark);
  }

  return {
    get here() {
      return here;
    },
    marked,
    /** A run whose station S.1 waits half way; S.2 and S.3 have been published. */
    async waitingRun(): Promise<Running> {
      const run = here.start(["regenerate", "all", "--r-events"], { FOREIGN_HABITS: "S.1:gate" });
      await until("S.1 to wait half way and the others to be published", async () => {
        if (run.process.exitCode !== null) throw new Error((await run.ended).stderr);
        if (!(await marked("S.1.waiting"))) return false;
        const published = (await here.state()).rows.filter(({ city_scenario }) => !city_scenario.startsWith("S.1"));
        return published.length >= 2 * perStation;
      });
      return run;
    },
    /** Lets stations that wait go on. */
    async openGate(...stations: readonly string[]): Promise<void> {
      for (const station of stations) await writeFile(join(here.marks, `${station}.open`), "");
    },
    async expectWorkDirectoryEmpty(): Promise<void> {
      expect(await readdir(join(here.home, "work"))).to.deep.equal([]);
    },
  };
}
