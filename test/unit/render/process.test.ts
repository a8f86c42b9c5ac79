import { expect } from "chai";
import { describe, it } from "mocha";
import { describeAgentEnd } from "../../../runner/render/agent/agent.ts";
import { parseMemoryKills, roseBetween } from "../../../runner/render/attempt/memory.ts";

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
