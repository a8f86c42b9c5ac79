import { expect } from "chai";
import { describe, it } from "mocha";
import { describeAgentEnd } from "../../../runner/render/agent.ts";
import { parseBirth, parseGroupRecord } from "../../../runner/render/group.ts";
import { parseMemoryKills, roseBetween } from "../../../runner/render/memory.ts";

describe("what the agent wrote down about an R process", () => {
  it("is its id and when it started, where that can be known", () => {
    expect(parseGroupRecord("4711 123456")).to.deep.equal({ pid: 4711, birth: "123456" });
    expect(parseGroupRecord("4711 -")).to.deep.equal({ pid: 4711, birth: undefined });
  });

  it("is never taken for the first process of a machine, or for everything", () => {
    for (const line of [undefined, "", "0 5", "1 5", "-1 5", "0", "4711", "x 1", "4711 1 2"]) {
      expect(parseGroupRecord(line), line ?? "absent").to.equal(undefined);
    }
  });

  it("is compared with /proc, where a command's name may hold blanks and brackets", () => {
    const fields = Array.from({ length: 40 }, (_, place) => String(place + 3));
    expect(parseBirth(`4711 (R) (odd) ${fields.join(" ")}\n`)).to.equal("22");
  });
});

describe("kills for memory", () => {
  it("are counted by the kernel", () => {
    expect(parseMemoryKills("pgfault 12\noom_kill 3\nnuma 1\n")).to.equal(3);
    expect(parseMemoryKills("pgfault 12\n")).to.equal(undefined);
  });

  it("are evidence only where both counts are known", () => {
    expect(roseBetween(3, 4)).to.equal(true);
    expect(roseBetween(3, 3)).to.equal(false);
    expect(roseBetween(undefined, 4)).to.equal(undefined);
    expect(roseBetween(3, undefined)).to.equal(undefined);
  });
});

describe("the end of an agent", () => {
  it("says how, and what it said last", () => {
    expect(describeAgentEnd({ code: 1, signal: null, message: "it was late" })).to.equal(
      "the agent ended with exit code 1: it was late",
    );
    expect(describeAgentEnd({ code: null, signal: "SIGKILL", message: "" })).to.equal("the agent ended by SIGKILL");
  });
});
