/** Output that nobody takes: closed terminals, readers that have gone, full disks, closed descriptors. */
import { spawn } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { listen, type Output, root, startWithOutputs } from "../support/command.ts";
import type { Installation } from "../support/installation.ts";
import { onePlotInstallation } from "../support/one-plot.ts";
import { until } from "../support/until.ts";

const losses: readonly Output[] = ["full disk", "closed", "reader gone"];

describe("lost output", () => {
  const installations: Installation[] = [];
  afterEach(async () => {
    for (const installation of installations.splice(0)) await installation.remove();
  });

  async function install(inputs?: "without baseline"): Promise<Installation> {
    const here = await onePlotInstallation(inputs);
    installations.push(here);
    return here;
  }

  const run = (here: Installation, args: readonly string[], stdout: Output, stderr: Output) =>
    startWithOutputs(args, { stdout, stderr }, here.environment).ended;

  /** A run that waits half way, on a terminal that `close` closes. */
  async function runOnTerminal(here: Installation, mode: "hang-up" | "detached") {
    await writeFile(join(here.marks, "gate"), "");
    const command = [process.execPath, join(root, "runner/main.ts"), "regenerate", "all"];
    const child = spawn("python3", [join(root, "test/support/terminal.py"), mode, ...command], {
      cwd: here.directory,
      env: here.environment,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const terminal = listen(child);
    await until("the program to wait", async () => {
      if (child.exitCode !== null) throw new Error((await terminal.ended).stderr);
      return (await readdir(here.marks)).includes("waiting");
    });
    return { shown: terminal.said, ended: terminal.ended, close: () => child.stdin.end("\n") };
  }

  for (const loss of losses) {
    it(`(${loss}) does not keep a run from being complete, reported, and 0`, async () => {
      const here = await install();
      const ended = await run(here, ["regenerate", "all"], loss, loss);
      expect(ended.code).to.equal(0);
      const { runs } = await here.state();
      expect(runs.map(({ state }) => state)).to.deep.equal(["complete"]);
      expect(runs[0]?.reportedAt).to.be.a("string");
    });
  }

  it("on a full disk is named once where a run's summary is lost", async () => {
    const here = await install();
    const { code, stderr } = await run(here, ["regenerate", "all"], "full disk", "kept");
    expect(code).to.equal(0);
    expect(stderr.match(/standard output is lost/g)).to.have.length(1);
  });

  it("does not change the exit code of a run with gaps", async () => {
    const here = await install("without baseline");
    expect((await run(here, ["regenerate", "all", "--json"], "reader gone", "kept")).code).to.equal(1);
  });

  it("of a closed terminal ends a run in order, with 143, and leaves no program behind", async () => {
    const here = await install();
    const terminal = await runOnTerminal(here, "hang-up");
    terminal.close();
    const { stdout } = await terminal.ended;
    expect(stdout.trim()).to.equal("143");
    const { runs, cities } = await here.state();
    expect(runs[0]).to.deep.include({ state: "interrupted", error: "stopped by SIGHUP" });
    expect(runs[0]?.reportedAt).to.be.a("string");
    expect(cities[0]?.state).to.equal("pending");
    expect(await readdir(join(here.home, "work"))).to.deep.equal([]);
  });

  it("of a terminal that closes without a signal does not end a run that draws its progress there", async () => {
    const here = await install();
    const terminal = await runOnTerminal(here, "detached");
    await until("progress to be drawn", () => terminal.shown().includes("0/1"));
    terminal.close();
    await rm(join(here.marks, "gate"));
    const { stdout, stderr } = await terminal.ended;
    expect(stdout.trim(), stderr).to.equal("0");
    expect((await here.state()).runs[0]?.state).to.equal("complete");
  });

  it("of a command that only looks is said in one line on a full disk, with 3", async () => {
    const here = await install();
    await here.replot(["regenerate", "all"]);
    for (const look of [["show"], ["plan", "all", "--json"]]) {
      const { code, stderr } = await run(here, look, "full disk", "kept");
      expect(code, look.join(" ")).to.equal(3);
      expect(stderr, look.join(" ")).to.match(/^replot: standard output is lost: ENOSPC[^\n]*\n$/);
    }
  });

  it("of a command that only looks is its reader's choice where that has gone", async () => {
    const here = await install();
    await here.replot(["regenerate", "all"]);
    const { code, stderr } = await run(here, ["logs"], "reader gone", "kept");
    expect([code, stderr]).to.deep.equal([0, ""]);
    await rm(join(here.home, "objects", "plots"), { recursive: true });
    expect((await run(here, ["verify"], "reader gone", "kept")).code, "with findings").to.equal(1);
  });
});
