/** R, its agent, its worker or its directory die, hang or fill up: each is noticed, retried, and named. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { CityCode } from "../../../runner/domain.ts";
import { isAlive, parentOf } from "../../support/processes.ts";
import { skipFor } from "../../support/skip.ts";
import { mountSmall, unmount } from "../../support/small-disk.ts";
import { until } from "../../support/until.ts";
import { agentPid, clearStages, openStage, plot, temporaryDirectory } from "./stage.ts";

/** Draws one plot, then waits in its first attempt for whatever the test has in mind; the second draws the rest. */
const diesOnce = 'if [ "$number" = 1 ]; then draw o1; await never; else draw o2; draw o3; fi';

describe("when something dies", () => {
  afterEach(clearStages);

  it("starts R again for the rest after a SIGKILL half way", async () => {
    const stage = await openStage(
      '[ "$number" != 1 ] || { draw o1; printf "{" >"$(figure o2).json"; kill -9 $$; }; draw o2; draw o3',
    );
    const rendering = await stage.render();
    // the figure that R was writing when it died is drawn again, not judged
    expect([...stage.drawn].sort()).to.deep.equal(["o1", "o2", "o3"]);
    expect(rendering.attempts.map(({ plots: brought }) => brought)).to.deep.equal([1, 2]);
    expect(rendering.attempts[0]?.end).to.match(/^R was killed .*exit 137/);
    expect(rendering.attempts[1]?.end).to.equal("exit 0");
    expect(rendering.missing).to.deep.equal([]);
  });

  it("gives the kill as the reason once no attempt is left", async () => {
    const stage = await openStage("draw o$number; kill -9 $$");
    const rendering = await stage.render({ attempts: 2 });
    expect(rendering.missing.map(({ outcome }) => outcome)).to.deep.equal(["o3"]);
    expect(rendering.reason?.text).to.match(/^R was killed .*exit 137/);
  });

  it("says memory when the kernel says so", async function () {
    const group = `/sys/fs/cgroup/memory/replot-test-${process.pid}`;
    try {
      mkdirSync(group);
      writeFileSync(join(group, "memory.limit_in_bytes"), "40000000");
    } catch {
      return skipFor(this, "provoking a kill for memory needs root and a cgroup hierarchy that can be written");
    }
    try {
      const stage = await openStage(
        `echo $$ >${group}/cgroup.procs; exec ${process.execPath} -e 'const a = []; for (;;) a.push(Buffer.alloc(5e6, 1))'`,
      );
      const rendering = await stage.render({ attempts: 1 });
      expect(rendering.reason?.text).to.equal("R was killed for memory (exit 137)");
    } finally {
      await until("the group is empty", () => {
        try {
          rmdirSync(group);
          return true;
        } catch {
          return false;
        }
      });
    }
  });

  it("stops an R that hangs at its deadline, with everything it started, and grants one more", async () => {
    const stage = await openStage('draw o$number; sleep 1000 & echo $! >>"$STAGE/pids"; sleep 1001');
    const rendering = await stage.render({ cityTimeoutSeconds: 1 });
    expect(rendering.attempts.map(({ end }) => end)).to.deep.equal([
      "R ran longer than its deadline of 1 s and was stopped",
      "R ran longer than its deadline of 1 s and was stopped",
    ]);
    expect(rendering.missing.map(({ outcome }) => outcome)).to.deep.equal(["o3"]);
    expect(stage.pids()).to.have.length(4);
    expect(stage.pids().filter(isAlive)).to.deep.equal([]);
  });

  it("ends what R left running", async () => {
    const stage = await openStage('draw o1; draw o2; draw o3; sleep 1000 & echo $! >>"$STAGE/pids"');
    await stage.render();
    await until("the grandchild is gone", () => !stage.pids().some(isAlive));
  });

  it("survives the agent's death: its R is ended, its city retried, and who waited goes on waiting", async () => {
    const stage = await openStage(diesOnce, { workers: 1 });
    const rendering = stage.render();
    await until("R draws", () => stage.drawn.length === 1);
    const waiting = stage.render({ city: CityCode.parse("C.2"), cityTimeoutSeconds: 1, attempts: 1 });
    process.kill(await agentPid(stage.work), "SIGKILL");
    const { attempts, missing } = await rendering;
    expect(attempts.map(({ end }) => end)).to.deep.equal([
      "R's side of the work directory died: the agent ended by SIGKILL",
      "exit 0",
    ]);
    expect(missing).to.deep.equal([]);
    const [first] = stage.pids();
    expect(first === undefined || isAlive(first)).to.equal(false);
    expect((await waiting).attempts.map(({ number, end }) => `${number} ${end}`)).to.deep.equal([
      "1 R ran longer than its deadline of 1 s and was stopped",
    ]);
    expect(stage.troubles.join()).to.contain("started again");
  });

  it("takes an agent whose heartbeat stands still for dead", async () => {
    const stage = await openStage(diesOnce, { timing: { staleSeconds: 1 } });
    const rendering = stage.render();
    await until("R draws", () => stage.drawn.length === 1);
    process.kill(await agentPid(stage.work), "SIGSTOP");
    const { attempts, missing } = await rendering;
    expect(attempts[0]?.end).to.contain("no heartbeat of the agent for 1 s");
    expect(missing).to.deep.equal([]);
    expect(isAlive(stage.pids()[0] ?? 0)).to.equal(false);
  });

  it("replaces a worker that was killed, and retries its city", async () => {
    const stage = await openStage(diesOnce);
    const rendering = stage.render();
    await until("R draws", () => stage.drawn.length === 1);
    const [first = 0] = stage.pids();
    process.kill(parentOf(first), "SIGKILL");
    const { attempts, missing } = await rendering;
    expect(attempts.map(({ end }) => end)).to.deep.equal(["the worker that ran R was killed", "exit 0"]);
    expect(missing).to.deep.equal([]);
    expect(isAlive(first)).to.equal(false);
    expect(stage.troubles).to.deep.equal([]);
  });

  it("makes a deleted work directory anew and goes on", async () => {
    const stage = await openStage(diesOnce, { workers: 1 });
    const rendering = stage.render();
    await until("R draws", () => stage.drawn.length === 1);
    const waiting = stage.render({ city: CityCode.parse("C.2"), cityTimeoutSeconds: 1, attempts: 1 });
    await until("the next job waits", () => existsSync(join(stage.work, "jobs", "ready", "C.2.1")));
    // renamed first: a new directory may be made while the old one is still being emptied
    await rename(stage.work, `${stage.work} deleted`);
    await rm(`${stage.work} deleted`, { recursive: true, force: true, maxRetries: 5 });
    const { attempts, missing } = await rendering;
    expect(attempts.map(({ end }) => end)).to.deep.equal([
      "the work directory was deleted while R worked in it",
      "exit 0",
    ]);
    expect(missing).to.deep.equal([]);
    expect((await waiting).attempts).to.have.length(1);
    await until("nothing works any more", () => !stage.pids().some(isAlive));
  });

  it("gives up, with the reason, when the agent cannot be started again", async () => {
    const stage = await openStage(diesOnce, { timing: { fruitlessStarts: 1, startSeconds: 5 } });
    const rendering = stage.render();
    await until("R draws", () => stage.drawn.length === 1);
    await until("a file stands where the directory was", async () => {
      await rename(stage.work, join(stage.directory, "deleted"));
      return writeFile(stage.work, "", { flag: "wx" }).then(
        () => true,
        () => rm(join(stage.directory, "deleted"), { recursive: true, force: true, maxRetries: 5 }).then(() => false),
      );
    });
    const { reason, missing } = await rendering;
    expect(missing).to.have.length(2);
    expect(reason?.text).to.match(/work directory/);
    expect((await stage.render({ city: CityCode.parse("C.2") })).attempts).to.have.length(1);
    await rm(stage.work);
  });
});

describe("on a full disk", () => {
  const mounted: string[] = [];

  async function smallDisk(): Promise<string | undefined> {
    const directory = join(await temporaryDirectory(), "disk");
    if (!mountSmall(directory, "1M")) return undefined;
    mounted.push(directory);
    return directory;
  }

  afterEach(async () => {
    // the pool's processes first, then what they have open
    const disks = mounted.splice(0);
    for (const disk of disks) await rm(join(disk, "filler"), { force: true });
    await clearStages().catch(() => {});
    for (const disk of disks) unmount(disk);
    await clearStages();
  });

  it("retries what R could not write, since published plots make room", async function () {
    const disk = await smallDisk();
    if (disk === undefined) return skipFor(this, "mounting a small file system needs root");
    const stage = await openStage(
      '[ "$number" != 1 ] || { draw o1; dd if=/dev/zero of="$out/$city/s/filler" bs=64k || exit 1; }; draw o2; draw o3',
      { directory: join(disk, "work") },
    );
    const rendering = await stage.render();
    expect(rendering.attempts[0]?.end).to.match(/^disk full: .*[Nn]o space left|^disk full: \d+ kB are free/);
    expect(rendering.attempts[1]?.end).to.equal("exit 0");
    expect(rendering.missing).to.deep.equal([]);
    expect(stage.troubles).to.deep.equal([]);
  });

  it("still tells how R ended, and works again once there is room", async function () {
    const disk = await smallDisk();
    if (disk === undefined) return skipFor(this, "mounting a small file system needs root");
    const stage = await openStage('await go; [ -e "$STAGE/room" ] || exit 1; draw o1; draw o2; draw o3', {
      directory: join(disk, "work"),
      timing: { staleSeconds: 2 },
    });
    const running = stage.render({ attempts: 1 });
    await until("R has started", () => stage.pids().length === 1);
    execFileSync("sh", ["-c", 'dd if=/dev/zero of="$0" bs=4k; true', join(disk, "filler")], { stdio: "ignore" });
    const refused = await stage.render({ city: CityCode.parse("C.2"), attempts: 1 });
    expect(refused.reason?.text).to.match(/^disk full: ENOSPC/);
    await stage.release("go");
    expect((await running).reason?.text).to.match(/^disk full: /);
    await rm(join(disk, "filler"));
    await stage.release("room");
    const next = CityCode.parse("C.3");
    expect((await stage.render({ city: next, plots: [plot("o1", next)] })).missing).to.deep.equal([]);
    // heartbeats went on all the time
    expect(stage.troubles).to.deep.equal([]);
    expect((await readdir(join(disk, "work", "jobs", "ready"))).length).to.equal(0);
  });
});
