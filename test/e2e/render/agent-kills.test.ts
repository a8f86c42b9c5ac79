/** R never outlives the agent, its worker or the runner, whichever is killed, how and when. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { afterEach, describe, it } from "mocha";
import { type ProcessRecord, readStat } from "../../../runner/processes.ts";
import { attemptFiles, readLine } from "../../../runner/render/agent/work-directory.ts";
import { childrenOf, isAlive, parentOf, processesIn } from "../../support/processes.ts";
import { skipFor } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { type Agent, clearAgents, has, onlyPrograms, startAgent } from "./agent.ts";
import { temporaryDirectory } from "./stage.ts";

const hangs = 'sleep 1000 & echo $! >>"$STAGE/pids"; sleep 1000';
const needed = ["mv", "mkdir", "sleep", "rm", "cat", "touch"];

/** Shells with what else they need to give R a process group; without `setsid`, dash can't. */
const shells = {
  dash: ["dash", [...needed, "setsid"]],
  BusyBox: ["busybox", [...needed, "setsid"]],
  "bash without setsid, as on macOS": ["bash", needed],
  "dash without setsid, where R has no group": ["dash", needed],
} as const;
type ShellName = keyof typeof shells;

async function environmentOf(name: ShellName): Promise<NodeJS.ProcessEnv> {
  const [shell, programs] = shells[name];
  return onlyPrograms(shell, programs);
}

async function expectNothingLeft({ directory }: Agent): Promise<void> {
  await until("nothing of the run is left", () => processesIn(directory).length === 0);
}

const runners: ChildProcess[] = [];

async function clear(): Promise<void> {
  for (const runner of runners.splice(0)) runner.kill("SIGKILL");
  await clearAgents();
}

/** A process that stands for the runner, with the record that the runner leaves for the agent. */
async function startRunner(): Promise<{ readonly process: ChildProcess; readonly record: ProcessRecord }> {
  const runner = spawn("sleep", ["1000"], { stdio: "ignore" });
  runners.push(runner);
  await once(runner, "spawn");
  const { pid = 0 } = runner;
  return { process: runner, record: { pid, start: readStat(pid)?.start } };
}

for (const name of Object.keys(shells) as ShellName[]) {
  describe(`R under an agent in ${name}`, () => {
    afterEach(clear);

    async function working(): Promise<Agent & { readonly r: number; readonly runner: ChildProcess }> {
      const runner = await startRunner();
      const body = name.includes("no group") ? "exec sleep 1000" : hangs;
      const agent = await startAgent(body, { env: await environmentOf(name), runner: runner.record });
      await agent.submit("C.1.1");
      const [r = 0] = await until("R works", () => agent.pids().length > 0 && agent.pids());
      return { ...agent, r, runner: runner.process };
    }

    before(function () {
      if (!has(shells[name][0])) skipFor(this, `${shells[name][0]} is not installed`);
    });

    it("ends when the agent is killed, and its worker still says so", async () => {
      const agent = await working();
      agent.agent.kill("SIGKILL");
      expect(await agent.status("C.1.1")).to.equal("137 agent");
      await expectNothingLeft(agent);
    });

    it("ends when agent and worker are killed together", async () => {
      const agent = await working();
      process.kill(-(agent.agent.pid ?? 0), "SIGKILL");
      await expectNothingLeft(agent);
    });

    it("ends when agent and worker are hung up on", async () => {
      const agent = await working();
      process.kill(-(agent.agent.pid ?? 0), "SIGHUP");
      await expectNothingLeft(agent);
      expect(await agent.status("C.1.1")).to.match(/ agent$/);
    });

    it("ends with the agent when the runner is killed", async () => {
      const agent = await working();
      agent.runner.kill("SIGKILL");
      await until("the agent has ended", () => agent.agent.exitCode === 1);
      expect(agent.said()).to.contain("the runner has ended");
      expect(await agent.status("C.1.1")).to.match(/ agent$/);
      await expectNothingLeft(agent);
    });
  });
}

describe("an agent that is told to end", () => {
  afterEach(clear);

  it("while it replaces a worker ends the R of every other worker", async () => {
    const directory = await temporaryDirectory();
    const hold = join(directory, "hold");
    const programs = await onlyPrograms("dash", [...needed.filter((name) => name !== "mkdir"), "setsid"]);
    const env: NodeJS.ProcessEnv = { ...programs, HOLD: hold };
    // a worker is started after its directory was made: the agent stays in that moment as long as the file is there
    const mkdir = `#!/bin/sh\nwhile [ -e "$HOLD" ]; do sleep 0.02; done\nPATH=/usr/bin:/bin exec mkdir "$@"\n`;
    await writeFile(join(env["PATH"] ?? "", "mkdir"), mkdir, { mode: 0o755 });
    const agent = await startAgent(hangs, { env, workers: 2 });
    await agent.submit("C.1.1");
    await agent.submit("C.2.1");
    await until("both have started", () => agent.pids().length === 4);
    const [first = ""] = readdirSync(join(agent.work, "workers", "1"));
    const pid = Number((await readLine(attemptFiles(agent.work, first).pid))?.split(" ")[0]);
    await writeFile(hold, "");
    process.kill(parentOf(pid), "SIGKILL");
    expect(await agent.status(first)).to.equal("137 worker");
    agent.agent.kill("SIGTERM");
    await rm(hold);
    await until("the agent has ended", () => agent.agent.exitCode === 143);
    await expectNothingLeft(agent);
  });
});

describe("R under an agent that cannot trust /proc", () => {
  afterEach(clear);

  it("ends when the agent is killed", async function () {
    const apart = ["unshare", "--pid", "--fork", "sh", "-c", '"$@" & wait; sleep 1000', "first"];
    const probe = spawn("unshare", ["--pid", "--fork", "true"], { stdio: "ignore" });
    const [code] = await once(probe, "exit").catch(() => [1]);
    if (code !== 0) skipFor(this, "a namespace of processes needs root and unshare");
    const agent = await startAgent(hangs, { program: apart });
    await agent.submit("C.1.1");
    await until("R works", () => existsSync(attemptFiles(agent.work, "C.1.1").pid));
    expect(await readLine(attemptFiles(agent.work, "C.1.1").pid)).to.match(/^\d+ -$/);
    const [first = 0] = childrenOf(agent.agent.pid ?? 0);
    const [inside = 0] = childrenOf(first);
    process.kill(inside, "SIGKILL");
    expect(await agent.status("C.1.1")).to.equal("137 agent");
    await until("only the first process of the namespace is left", () => {
      const left = processesIn(agent.directory, /agent\.sh|image\.sh/);
      return left.every((pid) => [agent.agent.pid, first].includes(pid));
    });
  });
});

describe("at any moment", function () {
  this.timeout(180_000);
  afterEach(clear);

  /** Jobs that end and jobs that hang: whatever the agent does comes about within the first half second. */
  const churns = "case $city in C.1|C.2) sleep 1000 & sleep 1000 ;; *) sleep 0.0$number ;; esac";
  const victims = ["agent", "agent and worker", "worker, then agent", "runner"] as const;
  const deaths = fc.sample(
    fc.record({
      shell: fc.constantFrom<ShellName>("dash", "BusyBox", "bash without setsid, as on macOS"),
      victim: fc.constantFrom(...victims),
      signal: fc.constantFrom("SIGTERM", "SIGKILL", "SIGHUP"),
      milliseconds: fc.nat(600),
    }),
    { seed: 20261126, numRuns: 40 },
  );

  async function die({ shell, victim, signal, milliseconds }: (typeof deaths)[number]): Promise<void> {
    const env = await environmentOf(has(shells[shell][0]) ? shell : "dash");
    const runner = await startRunner();
    const agent = await startAgent(churns, { env, workers: 3, tickSeconds: 0.05, runner: runner.record });
    for (let city = 1; city <= 8; city += 1) await agent.submit(`C.${city}.1`);
    await new Promise((resume) => setTimeout(resume, milliseconds));
    const pid = agent.agent.pid ?? 0;
    const [worker] = processesIn(agent.directory, /agent\.sh/).filter((other) => parentOf(other) === pid);
    if (victim.includes("worker") && worker !== undefined) kill(worker, "SIGKILL");
    if (victim === "runner") runner.process.kill("SIGKILL");
    else kill(pid, signal);
    await until(`nothing is left: ${signal} to ${victim} after ${milliseconds} ms in ${shell}`, () => {
      return processesIn(agent.directory).length === 0;
    });
  }

  function kill(pid: number, signal: NodeJS.Signals): void {
    if (isAlive(pid)) process.kill(pid, signal);
  }

  it(`${deaths.length} deaths leave no process behind`, async () => {
    const waiting = [...deaths];
    const one = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await die(next);
    };
    await Promise.all([one(), one(), one(), one()]);
  });
});
