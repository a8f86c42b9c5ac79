/** The same agent in real containers, with an image of nothing but BusyBox and a shell program. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { agentInContainer, describeImage } from "../../../runner/render/agent/container-agent.ts";
import type { ContainerEngine } from "../../../runner/render/agent/container-engine.ts";
import { killLeftovers } from "../../../runner/render/agent/leftovers.ts";
import {
  createWorkDirectory,
  prepareForAgent,
  readLine,
  workFiles,
} from "../../../runner/render/agent/work-directory.ts";
import { type Busybox, openBusybox } from "../../support/busybox.ts";
import { skipFor } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { clearStages, imageCommand, openStage, type Stage, temporaryDirectory } from "./stage.ts";

const image = "localhost/replot-test-busybox:1";

describe("R in a container", function () {
  this.timeout(120_000);
  let busybox: Busybox | undefined;
  let engine: ContainerEngine;
  let simulations: string;

  before(async function () {
    const opened = await openBusybox();
    if (typeof opened === "string") return skipFor(this, opened);
    busybox = opened;
    engine = busybox.engine;
    await busybox.image({ name: image });
  });

  afterEach(clearStages);
  after(async () => {
    await busybox?.remove();
  });

  /** The image's program lies beside the inputs, which are all that the container shares with the test. */
  async function containerStage(body: string): Promise<Stage> {
    simulations = join(await temporaryDirectory(), "simulations");
    await mkdir(simulations);
    await imageCommand(simulations, body);
    await chmod(dirname(simulations), 0o755);
    return openStage("", {
      agent: agentInContainer({ engine, image, simulations, user: "1000:1000", readOnlyRoot: true }),
      command: ["sh", "/app/simulations/image.sh"],
      environment: { STAGE: "/app/simulations" },
    });
  }

  it("draws as another user, without network, from inputs it cannot write", async () => {
    const stage = await containerStage(
      'id -u; pwd; ls /sys/class/net; touch /app/simulations/x 2>/dev/null || echo read-only; cat "$config"; draw o1; draw o2; draw o3',
    );
    const rendering = await stage.render();
    expect(rendering.missing).to.deep.equal([]);
    const log = await readFile(rendering.logFiles[0] ?? "", "utf8");
    expect(log).to.match(/^1000\n\/app\nlo\nread-only\njobs: \[o1, o2, o3\]$/m);
    await stage.pool.close();
    expect(existsSync(stage.work)).to.equal(false);
    expect(containers()).to.deep.equal([]);
  });

  it("retries in a new container when the first is killed", async () => {
    const stage = await containerStage('if [ "$number" = 1 ]; then draw o1; await never; else draw o2; draw o3; fi');
    const rendering = stage.render();
    await until("R draws", () => stage.drawn.length === 1);
    execFileSync(engine, ["kill", ...containers()], { stdio: "ignore" });
    const { attempts, missing } = await rendering;
    expect(attempts.map(({ plots }) => plots)).to.deep.equal([1, 2]);
    expect(attempts[0]?.end).to.match(/^R's side of the work directory died: the agent ended/);
    expect(missing).to.deep.equal([]);
  });

  it("survives an R that is killed inside", async () => {
    const stage = await containerStage('[ "$number" != 1 ] || kill -9 $$; draw o1; draw o2; draw o3');
    const { attempts, missing } = await stage.render();
    expect(attempts.map(({ end }) => end)).to.have.length(2);
    expect(attempts[0]?.end).to.match(/^R was killed .*exit 137/);
    expect(missing).to.deep.equal([]);
    expect(stage.troubles).to.deep.equal([]);
  });

  it("removes the container of a run that crashed", async () => {
    const work = join(await temporaryDirectory(), "work");
    const starter = agentInContainer({ engine, image, simulations: dirname(work) });
    await createWorkDirectory(
      work,
      { workers: 1, command: ["true"], patienceSeconds: 600, tickSeconds: 1 },
      starter.directoryMode,
    );
    await prepareForAgent(work);
    const agent = await starter.start(work);
    await until("the agent works", async () => (await readLine(workFiles(work).agent)) !== undefined);
    expect(containers()).to.have.length(1);
    await killLeftovers(work);
    await agent.ended;
    expect(containers()).to.deep.equal([]);
  });

  it("ends with a runner that exits without closing anything", async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o755);
    const exiting = fileURLToPath(new URL("exiting.ts", import.meta.url));
    const runner = spawn(process.execPath, [exiting, directory, engine, image], { stdio: "inherit" });
    const agent = join(directory, "work", "alive", "agent");
    await until("the agent works", () => existsSync(agent));
    const list = () =>
      execFileSync(engine, ["ps", "--all", "--quiet", "--filter", `name=replot-${runner.pid}-`]).toString();
    expect(list()).not.to.equal("");
    await writeFile(join(directory, "exit"), "");
    await until("the container has ended", () => list() === "");
  });

  it("is named by the image's digest, whatever its tag", async () => {
    const { identity, id } = await describeImage(engine, image);
    expect(identity).to.match(/^localhost\/replot-test-busybox@sha256:[0-9a-f]{64}$/);
    expect(id).to.match(/^sha256:[0-9a-f]{64}$/);
    const failure = await describeImage(engine, "localhost/replot-no-such-image:1").catch((error: unknown) => error);
    expect(String(failure)).to.contain("has no image localhost/replot-no-such-image:1");
  });

  function containers(): string[] {
    const list = execFileSync(engine, [
      "ps",
      "--all",
      "--filter",
      `name=replot-${process.pid}-`,
      "--format",
      "{{.Names}}",
    ]);
    return list.toString().trim().split("\n").filter(Boolean);
  }
});
