/** `agent.sh` by itself, over a work directory laid out by hand: it ends when it should, and R with it. */
import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { attemptFiles, prepareForAgent, readLine, workFiles } from "../../../runner/render/agent/work-directory.ts";
import { isAlive } from "../../support/processes.ts";
import { until } from "../../support/until.ts";
import { clearAgents, spawnAgent, startAgent } from "./agent.ts";

describe("agent.sh through starts and stops", () => {
  afterEach(clearAgents);

  it("leaves no R behind after a TERM, and says what became of each", async () => {
    const { agent, submit, pids, work, status } = await startAgent('sleep 1000 & echo $! >>"$STAGE/pids"; sleep 1000', {
      workers: 2,
    });
    await submit("C.1.1");
    await submit("C.2.1");
    await until("both have started", () => pids().length === 4);
    agent.kill("SIGTERM");
    await until("all are gone", () => !pids().some(isAlive));
    await until("the agent has ended", () => agent.exitCode === 143);
    expect(await status("C.1.1")).to.match(/^1\d\d agent$/);
    expect(await status("C.2.1")).to.match(/^1\d\d agent$/);
    expect(await readLine(workFiles(work).agent)).to.equal("ended: told to end by a signal");
  });

  it("stops R and ends when the runner shows no sign of life", async () => {
    const { submit, pids, agent, said, status } = await startAgent("sleep 1000", {
      patienceSeconds: 1,
      heartbeat: false,
    });
    await submit("C.1.1");
    await until("R has started", () => pids().length === 1);
    await until("the agent has ended", () => agent.exitCode === 1);
    expect(said()).to.contain("no sign of life from the runner for 1 seconds");
    expect(await status("C.1.1")).to.match(/ agent$/);
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });

  it("kills R, claims nothing more and ends when the runner stops it", async () => {
    const { submit, pids, agent, work, status } = await startAgent("await go");
    await submit("C.1.1");
    await until("R has started", () => pids().length === 1);
    await submit("C.2.1");
    await writeFile(workFiles(work).stop, "now\n");
    await until("the agent has ended", () => agent.exitCode === 0);
    expect(await status("C.1.1")).to.match(/ agent$/);
    expect(readdirSync(workFiles(work).ready)).to.deep.equal(["C.2.1"]);
  });

  it("leaves a work directory that became another agent's", async () => {
    const { agent, work, said } = await startAgent("");
    await until("it works", () => existsSync(workFiles(work).agent));
    await prepareForAgent(work);
    await until("the agent has ended", () => agent.exitCode === 1);
    expect(said()).to.contain("became that of another agent");
  });

  it("tells the runner about jobs that an earlier life of its container had claimed", async () => {
    const { work, agent, submit } = await startAgent("sleep 1000");
    await submit("C.1.1");
    await until("R has started", () => existsSync(attemptFiles(work, "C.1.1").pid));
    const r = Number((await readFile(attemptFiles(work, "C.1.1").pid, "utf8")).split(" ")[0]);
    process.kill(-(agent.pid ?? 0), "SIGKILL"); // agent and workers together, as a container does
    await until("R has ended with them, since its guard saw it", () => !isAlive(r));
    spawnAgent(work);
    await until("it is settled", () => existsSync(attemptFiles(work, "C.1.1").done));
    expect(await readLine(attemptFiles(work, "C.1.1").status)).to.equal("137 agent");
  });
});
