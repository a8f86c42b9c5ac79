/** Requests that can't be meant, and commands that must leave nothing behind. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Installation } from "../support/installation.ts";
import { onePlotInstallation } from "../support/one-plot.ts";

describe("a command line", () => {
  let here: Installation;
  beforeEach(async () => {
    here = await onePlotInstallation();
  });
  afterEach(() => here.remove());

  const left = () => readdir(here.directory);

  it("with --data that is not there is refused with 2 and names it, before anything is made", async () => {
    const before = await left();
    for (const command of [
      ["regenerate", "all"],
      ["plan", "all"],
      ["doctor", "all"],
    ]) {
      const { code, stdout, stderr } = await here.replot([...command, "--data", "nowhere", "--home", "new"]);
      expect([code, stdout], command.join(" ")).to.deep.equal([2, ""]);
      expect(stderr).to.include(`--data: there is no directory ${join(here.directory, "nowhere")}`);
    }
    const file = await here.replot(["plan", "all", "--data", join(here.data, "simulations/m/base/A_base.Rdata")]);
    expect([file.code, file.stderr.includes("this is no directory")]).to.deep.equal([2, true]);
    expect(await left()).to.deep.equal(before);
  });

  it("makes a state directory only where it writes something", async () => {
    const before = await left();
    const codes: (number | null)[] = [];
    for (const command of [["plan", "all"], ["regenerate", "all", "--dry-run"], ["doctor", "all"], ["show"]]) {
      codes.push((await here.replot(command)).code);
    }
    expect(codes).to.deep.equal([0, 0, 0, 3]);
    expect(await left()).to.deep.equal(before);
    // a directory of something else is no state either
    const elsewhere = await here.replot(["runs", "--home", here.marks]);
    expect([elsewhere.code, await readdir(here.marks)]).to.deep.equal([3, []]);
    expect(elsewhere.stderr).to.match(new RegExp(`begin with: \\S+ regenerate minimal --home ${here.marks}`));
  });

  it("of doctor ends with 1 where a check fails", async () => {
    const { code, stdout } = await here.replot(["doctor", "all", "--r-command", "sh missing.sh"]);
    expect(code, stdout).to.equal(1);
    expect(stdout).to.include("✗ R program");
  });
});
