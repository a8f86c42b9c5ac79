/** A run that was killed with -9 leaves R working; the next run puts that right. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { killLeftovers } from "../../../runner/render/agent/leftovers.ts";
import { attemptFiles } from "../../../runner/render/agent/work-directory.ts";
import { isAlive } from "../../support/processes.ts";
import { until } from "../../support/until.ts";
import { agentPid, clearStages, imageCommand, openStage, pidsIn, temporaryDirectory } from "./stage.ts";

describe("what a crashed run left behind", () => {
  afterEach(clearStages);

  it("is ended and removed by the next run, which then renders as if nothing had been", async () => {
    const directory = await temporaryDirectory();
    const work = join(directory, "work");
    const command = await imageCommand(directory, "sleep 1000 & sleep 1000");
    const crashing = fileURLToPath(new URL("crashing.ts", import.meta.url));
    const runner = spawn(process.execPath, [crashing, work, directory, ...command], { stdio: "inherit" });
    await until("R has started", () => pidsIn(directory).length === 1);
    const agent = await agentPid(work);
    const old = pidsIn(directory);
    runner.kill("SIGKILL");

    const stage = await openStage("draw o1; draw o2; draw o3", { directory: work });
    expect(stage.troubles).to.deep.equal(["removed the work directory of an earlier run"]);
    expect([agent, ...old].filter(isAlive)).to.deep.equal([]);
    expect((await stage.render()).missing).to.deep.equal([]);
  });

  it("spares a process that only inherited the id of an R that is long gone", async () => {
    const work = join(await temporaryDirectory(), "work");
    const bystander = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
    const files = attemptFiles(work, "C.1.1");
    await mkdir(files.directory, { recursive: true });
    await writeFile(files.pid, `${bystander.pid} 1\n`);
    expect(await killLeftovers(work)).to.equal(true);
    expect(isAlive(bystander.pid ?? 0)).to.equal(true);
    expect(existsSync(work)).to.equal(false);
    bystander.kill("SIGKILL");
  });

  it("is not what a container wrote in the place of its name: that is neither called nor believed", async () => {
    // a path without spaces: the record is made of words
    const directory = await mkdtemp(join(tmpdir(), "replot-leftovers-"));
    const work = join(directory, "work");
    const program = join(directory, "docker");
    const bystander = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
    for (const record of [`${program} replot-1-0123abcd`, "sh replot-1-0123abcd", "docker --help", "x", ""]) {
      const files = attemptFiles(work, "C.1.1");
      await mkdir(files.directory, { recursive: true });
      await writeFile(program, `#!/bin/sh\ntouch "\${0%/*}/called"\n`, { mode: 0o755 });
      // process ids of a container are not this machine's
      await writeFile(files.pid, `${bystander.pid} -\n`);
      await writeFile(join(work, "container"), `${record}\n`);
      expect(await killLeftovers(work)).to.equal(true);
      expect(existsSync(work)).to.equal(false);
    }
    expect(existsSync(join(directory, "called"))).to.equal(false);
    expect(isAlive(bystander.pid ?? 0)).to.equal(true);
    bystander.kill("SIGKILL");
    await rm(directory, { recursive: true });
  });

  it("is nothing where there was no run", async () => {
    expect(await killLeftovers(join(await temporaryDirectory(), "work"))).to.equal(false);
  });
});
