import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { describe, it } from "mocha";
import { identify, isDead, parseProcessRecord, parseStat, readStat } from "../../runner/processes.ts";

describe("a recorded process", () => {
  it("is its id and when it started, where that can be known", () => {
    expect(parseProcessRecord("4711 123456")).to.deep.equal({ pid: 4711, start: "123456" });
    expect(parseProcessRecord("4711 -")).to.deep.equal({ pid: 4711, start: undefined });
  });

  it("is never taken for the first process of a machine, or for everything", () => {
    for (const line of [undefined, "", "0 5", "1 5", "-1 5", "0", "4711", "x 1", "4711 1 2"]) {
      expect(parseProcessRecord(line), line ?? "absent").to.equal(undefined);
    }
  });

  it("is dead once it has ended, or once its id belongs to a process that started at another time", async () => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    await once(child, "spawn");
    const known = await identify(child.pid);
    expect(await isDead(known)).to.equal(false);
    expect(await isDead({ ...known, start: "1" })).to.equal(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await isDead(known)).to.equal(true);
    expect(await isDead({ ...known, machine: "another" }), "on another machine nobody can tell").to.equal(false);
  });
});

describe("/proc/PID/stat", () => {
  it("is read although a command's name may hold blanks and brackets", () => {
    const fields = Array.from({ length: 40 }, (_, place) => String(place + 4));
    expect(parseStat(`4711 (R) (odd) S ${fields.join(" ")}\n`)).to.deep.equal({
      name: "R) (odd",
      state: "S",
      parent: 4,
      cpuTicks: 14 + 15,
      start: "22",
    });
    expect(parseStat("")).to.equal(undefined);
  });

  it("describes this process, and none that has ended", function () {
    if (process.platform !== "linux") this.skip();
    expect(readStat(process.pid)?.parent).to.equal(process.ppid);
    expect(readStat(2 ** 22 + 1)).to.equal(undefined);
  });
});
