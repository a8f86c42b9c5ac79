/** The agent in a container that somebody else starts, and starts again: the way it runs in AWS. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { killGroup } from "../../../runner/processes.ts";
import { externalAgent } from "../../../runner/render/agent/agent.ts";
import { isAlive } from "../../support/processes.ts";
import { until } from "../../support/until.ts";
import { agentPid, clearStages, openStage, temporaryDirectory } from "./stage.ts";

const entryPoint = 'while [ ! -e "$0/agent.sh" ]; do sleep 0.1; done; exec sh "$0/agent.sh" "$0"';

describe("an agent that is started elsewhere", () => {
  let container: ChildProcess | undefined;
  let restarts = true;

  /** Starts the entry point, and again whenever it has ended, as a container's restart policy does. */
  function startContainer(volume: string): void {
    container = spawn("sh", ["-c", entryPoint, volume], { detached: true, stdio: "ignore" });
    container.once("exit", () => {
      if (restarts) startContainer(volume);
    });
  }

  afterEach(async () => {
    restarts = false;
    if (container?.pid !== undefined) killGroup(container.pid);
    await clearStages();
  });

  it("is waited for, survives its container's restart, and is told to end", async () => {
    const volume = join(await temporaryDirectory(), "volume");
    await mkdir(volume);
    restarts = true;
    startContainer(volume);
    const stage = await openStage('if [ "$number" = 1 ]; then draw o1; await never; else draw o2; draw o3; fi', {
      directory: volume,
      agent: externalAgent,
    });
    expect(stage.troubles).to.deep.equal([]);
    const rendering = stage.render();
    await until("R draws", () => stage.drawn.length === 1);
    // all that is in a container dies together
    const before = await agentPid(volume);
    killGroup(before);
    for (const pid of stage.pids()) killGroup(pid);
    const { attempts, missing } = await rendering;
    expect(attempts.map(({ end }) => end)).to.deep.equal([
      "R's side of the work directory died: the agent ended while R worked",
      "exit 0",
    ]);
    expect(missing).to.deep.equal([]);
    const now = await agentPid(volume);
    expect(now).not.to.equal(before);
    expect(readFileSync(join(volume, "alive", "agent"), "utf8")).to.match(/^\d+ /);

    restarts = false;
    await stage.pool.close();
    await until("the agent has ended", () => !isAlive(now));
    expect(existsSync(volume)).to.equal(false);
  });

  it("is reported as missing when it never comes", async () => {
    const failure = await openStage("", { agent: externalAgent, timing: { startSeconds: 1 } }).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).to.match(/no sign of life from R's side within 1 s; is its container up/);
  });
});
