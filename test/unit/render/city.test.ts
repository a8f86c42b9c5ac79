import { expect } from "chai";
import { describe, it } from "mocha";
import type { End } from "../../../runner/render/attempt/end.ts";
import { isRetryable } from "../../../runner/render/city-rendering.ts";

const timedOut: End = { kind: "timed-out", cityTimeoutSeconds: 60 };
const killed: End = { kind: "killed", signal: "SIGKILL", code: 137, outOfMemory: undefined };

describe("another start of R", () => {
  it("may help after a death that was not R's answer", () => {
    const deaths: End[] = [
      killed,
      timedOut,
      { kind: "exited", code: 2 },
      { kind: "out-of-memory", victim: "another process", code: 0, detail: undefined },
      { kind: "agent-died", detail: "" },
      { kind: "worker-died" },
      { kind: "work-directory-gone" },
      { kind: "disk-full", detail: "" },
    ];
    for (const end of deaths) expect(isRetryable([end]), end.kind).to.equal(true);
  });

  it("cannot help where R gave its own answer, or nobody wants it any more", () => {
    for (const code of [0, 1]) expect(isRetryable([killed, { kind: "exited", code }])).to.equal(false);
    expect(isRetryable([{ kind: "cancelled" }])).to.equal(false);
  });

  it("is granted once after a deadline, whatever came between", () => {
    expect(isRetryable([timedOut, killed])).to.equal(true);
    expect(isRetryable([timedOut, killed, timedOut])).to.equal(false);
  });
});
