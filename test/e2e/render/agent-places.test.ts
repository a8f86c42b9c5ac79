/** `agent.sh` in the shells, and over the directories, that images and machines of others have. */
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, before, describe, it } from "mocha";
import { attemptFiles, readLine, submitJob, workFiles } from "../../../runner/render/agent/work-directory.ts";
import { isAlive } from "../../support/processes.ts";
import { skipFor } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { clearAgents, has, layOut, onlyPrograms, spawnAgent, startAgent } from "./agent.ts";
import { temporaryDirectory } from "./stage.ts";

describe("agent.sh where it may not work as another user", () => {
  afterEach(clearAgents);

  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

  before(function () {
    if (process.getuid?.() !== 0 || !has("setpriv")) skipFor(this, "running as two users needs root and setpriv");
  });

  async function prepared(
    change: (work: string) => Promise<void>,
  ): Promise<{ said: string; trouble: string | undefined }> {
    const work = await layOut(await temporaryDirectory(), { command: ["true"] });
    await change(work);
    await submitJob(attemptFiles(work, "C.1.1"), { job: "", args: [], cityTimeoutSeconds: 9 });
    const { agent, said } = spawnAgent(work, { program: nobody });
    await until("the agent has ended", () => agent.exitCode !== null);
    expect(agent.exitCode).to.equal(1);
    return { said: said(), trouble: await readLine(workFiles(work).trouble) };
  }

  it("says so at the start when the directory has the sticky bit", async () => {
    const { said, trouble } = await prepared((work) => chmod(join(work, "handshake"), 0o1777));
    expect(said).to.match(/cannot write or rename in the work directory .*(not permitted|denied)/);
    expect(trouble).to.contain("cannot write or rename in the work directory");
  });

  it("says so when it may not write at all", async () => {
    const { said } = await prepared((work) => chmod(join(work, "alive"), 0o755));
    expect(said).to.match(/cannot write or rename in the work directory/);
  });

  it("reports a claim that fails for another reason than that the job is gone", async () => {
    const { said, trouble } = await prepared((work) => chmod(workFiles(work).ready, 0o1777));
    expect(trouble).to.match(/^cannot claim jobs\/ready\/C\.1\.1: .*(not permitted|denied)/);
    expect(said).to.contain("cannot claim");
  });
});

describe("agent.sh in other shells", () => {
  afterEach(clearAgents);

  const needed = ["mv", "mkdir", "sleep", "rm", "cat", "touch"];
  const kinds: readonly (readonly [string, string, readonly string[]])[] = [
    ["dash", "dash", [...needed, "setsid"]],
    ["BusyBox", "busybox", [...needed, "setsid"]],
    ["bash without setsid, as on macOS", "bash", needed],
  ];
  for (const [name, shell, programs] of kinds) {
    it(`works in ${name}: statuses, deadline, TERM, and all of R's processes`, async function () {
      if (!has(shell)) skipFor(this, `${shell} is not installed`);
      const { submit, status, pids, agent } = await startAgent(
        'case $city in C.1) draw o1; exit 3;; *) sleep 1000 & echo $! >>"$STAGE/pids"; sleep 1000;; esac',
        { env: await onlyPrograms(shell, programs), workers: 2 },
      );
      await submit("C.1.1");
      await submit("C.2.1", 1);
      expect(await status("C.1.1")).to.equal("3 itself");
      expect(await status("C.2.1")).to.equal("137 deadline");
      expect(pids().filter(isAlive)).to.deep.equal([]);
      await submit("C.3.1");
      await until("R has started", () => pids().length === 5);
      agent.kill("SIGTERM");
      expect(await status("C.3.1")).to.match(/ agent$/);
      await until("the agent has ended", () => agent.exitCode === 143);
      expect(pids().filter(isAlive)).to.deep.equal([]);
    });
  }

  it("ends R itself in dash without setsid, where process groups are not to be had", async () => {
    const { submit, status, pids } = await startAgent("exec sleep 1000", { env: await onlyPrograms("dash", needed) });
    await submit("C.1.1", 1);
    expect(await status("C.1.1")).to.equal("137 deadline");
    expect(pids().filter(isAlive)).to.deep.equal([]);
  });
});
