import { expect } from "chai";
import { describe, it } from "mocha";
import {
  type Circumstances,
  type End,
  explainByMemory,
  judgeEnd,
  parseStatus,
} from "../../../runner/render/attempt/end.ts";

const nothingSpecial: Circumstances = { cityTimeoutSeconds: 1800, freeBytes: 1e9, outOfMemory: false, log: [] };

describe("a status line", () => {
  it("is an exit code and who ended R", () => {
    expect(parseStatus("137 deadline")).to.deep.equal({ code: 137, by: "deadline" });
    expect(parseStatus("0 itself")).to.deep.equal({ code: 0, by: "itself" });
  });

  it("is nothing else", () => {
    for (const line of [undefined, "", "0", "137 someone", "x itself", "0 itself or not"]) {
      expect(parseStatus(line)).to.equal(undefined);
    }
  });
});

describe("the end of an attempt", () => {
  const cases: [string, string | undefined, Partial<Circumstances>, object][] = [
    ["an exit", "0 itself", {}, { kind: "exited", code: 0 }],
    ["R's own failure", "2 itself", {}, { kind: "exited", code: 2 }],
    ["an exit code above 128 that is no signal", "255 itself", {}, { kind: "exited", code: 255 }],
    ["a kill", "137 itself", {}, { kind: "killed", signal: "SIGKILL", code: 137, outOfMemory: false }],
    ["a crash", "139 itself", {}, { kind: "killed", signal: "SIGSEGV", code: 139, outOfMemory: false }],
    [
      "a kill for memory",
      "137 itself",
      { outOfMemory: true },
      { kind: "out-of-memory", victim: "R", code: 137, detail: undefined },
    ],
    [
      "a SIGKILL where the kernel doesn't tell",
      "137 itself",
      { outOfMemory: undefined },
      { kind: "killed", signal: "SIGKILL", code: 137, outOfMemory: undefined },
    ],
    [
      "an allocation that R could not make",
      "1 itself",
      { log: ["Error: cannot allocate vector of size 5.0 Gb", "Execution halted"] },
      { kind: "out-of-memory", victim: "nobody", code: 1, detail: "Error: cannot allocate vector of size 5.0 Gb" },
    ],
    ["the deadline", "137 deadline", { outOfMemory: true }, { kind: "timed-out", cityTimeoutSeconds: 1800 }],
    ["a cancelled one", "137 cancel", {}, { kind: "cancelled" }],
    ["a dead worker", "137 worker", {}, { kind: "worker-died" }],
    ["an agent that ended", "137 agent", {}, { kind: "agent-died", detail: "the agent ended while R worked" }],
    ["no status at all", undefined, {}, { kind: "agent-died", detail: "the agent left no exit status" }],
    ["no status on a full disk", undefined, { freeBytes: 0 }, { kind: "disk-full", detail: "0 kB are free" }],
    ["a failure on a full disk", "1 itself", { freeBytes: 8192 }, { kind: "disk-full", detail: "8 kB are free" }],
    [
      "a failure for want of space",
      "1 itself",
      { log: ["a", "Error in gzfile(): No space left on device", "Execution halted"] },
      { kind: "disk-full", detail: "Error in gzfile(): No space left on device" },
    ],
    ["success on a disk that is full by now", "0 itself", { freeBytes: 0 }, { kind: "exited", code: 0 }],
  ];
  for (const [name, line, seen, end] of cases) {
    it(`is judged: ${name}`, () => {
      expect(judgeEnd(parseStatus(line), { ...nothingSpecial, ...seen })).to.deep.equal(end);
    });
  }
});

describe("a kill for memory that R outlived", () => {
  const exited = (code: number): End => ({ kind: "exited", code });

  it("is how an attempt ended that R calls a success, where plots are missing", () => {
    for (const code of [0, 1]) {
      expect(explainByMemory(exited(code), true, true)).to.include({
        kind: "out-of-memory",
        victim: "another process",
        code,
      });
    }
    expect(explainByMemory({ kind: "agent-died", detail: "no heartbeat" }, true, true)).to.deep.equal({
      kind: "out-of-memory",
      victim: "the agent",
      code: undefined,
      detail: "no heartbeat",
    });
  });

  it("is nothing where all plots came, the kernel killed nothing, or R stopped with an error of its own", () => {
    expect(explainByMemory(exited(0), true, false)).to.deep.equal(exited(0));
    for (const told of [false, undefined]) expect(explainByMemory(exited(0), told, true)).to.deep.equal(exited(0));
    expect(explainByMemory(exited(2), true, true)).to.deep.equal(exited(2));
  });
});
