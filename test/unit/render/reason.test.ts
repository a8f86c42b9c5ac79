import { expect } from "chai";
import { describe, it } from "mocha";
import type { End } from "../../../runner/render/attempt/end.ts";
import { describeEnd, explainMissing } from "../../../runner/render/attempt/reason.ts";
import { cleanLines } from "../../../runner/text/clean.ts";

const came = { due: 1818, missing: 9 };

describe("the reason why plots are missing", () => {
  const killed = (outOfMemory: false | undefined): End => ({
    kind: "killed",
    signal: "SIGKILL",
    code: 137,
    outOfMemory,
  });
  const cases: [End, string, string][] = [
    [{ kind: "exited", code: 0 }, "", "R exited 0 but 9 of 1,818 plots never appeared"],
    [
      { kind: "exited", code: 1 },
      "[2026-11-22 09:00:00] ERROR: a\n[2026-11-22 09:00:01] INFO: b\n[2026-11-22 09:00:02] ERROR: a\n[2026-11-22 09:00:03] ERROR: c\n",
      "R reported that some plots could not be drawn (exit 1): a (2 times); c",
    ],
    [
      { kind: "exited", code: 1 },
      Array.from({ length: 8 }, (_, place) => `[2026-11-22 09:00:00] ERROR: plot ${place}`).join("\n"),
      "R reported that some plots could not be drawn (exit 1): plot 0; plot 1; plot 2; plot 3; plot 4; and 3 more",
    ],
    [
      { kind: "exited", code: 1 },
      "Loading\nError in load(file) : \n  empty (zero-byte) input file\nCalls: main -> load\nExecution halted\n",
      "R stopped with an error (exit 1): Error in load(file) : empty (zero-byte) input file",
    ],
    [{ kind: "exited", code: 2 }, "what now\n\n", "R stopped with an error (exit 2): what now"],
    [{ kind: "exited", code: 3 }, "", "R stopped with an error (exit 3) and said nothing"],
    [
      { kind: "exited", code: 127 },
      "sh: batch: not found\n",
      "R could not be started (exit 127): sh: batch: not found",
    ],
    [
      { kind: "exited", code: 1 },
      ["a", "b", "c"].map((plot, n) => `[2026-11-22 09:00:00] ERROR: [${n}/9] C.1/s/${plot}: no data`).join("\n"),
      "R reported that some plots could not be drawn (exit 1): no data (3 times, first for [0/9] C.1/s/a)",
    ],
    [
      { kind: "exited", code: 1 },
      "ERROR [2026-11-22 09:00:00] plot 1: no data\nError in main() : lost the thread\nExecution halted",
      "R stopped with an error (exit 1): Error in main() : lost the thread",
    ],
    [{ kind: "exited", code: 1 }, "loading\nExecution halted", "R stopped with an error (exit 1): loading"],
    [{ kind: "out-of-memory", victim: "R", code: 137, detail: undefined }, "", "R was killed for memory (exit 137)"],
    [
      { kind: "out-of-memory", victim: "another process", code: 0, detail: undefined },
      "",
      "R exited 0 but 9 of 1,818 plots never appeared; meanwhile the kernel killed a process for memory, most likely one that R had started",
    ],
    [
      { kind: "out-of-memory", victim: "nobody", code: 1, detail: "Error: cannot allocate vector of size 5.0 Gb" },
      "",
      "R ran out of memory (exit 1): Error: cannot allocate vector of size 5.0 Gb",
    ],
    [killed(undefined), "", "R was killed (SIGKILL, exit 137), most likely for memory"],
    [killed(false), "", "R was killed from outside (SIGKILL, exit 137); the kernel reports no kill for memory"],
    [
      { kind: "killed", signal: "SIGSEGV", code: 139, outOfMemory: false },
      "",
      "R was ended by a signal (SIGSEGV, exit 139)",
    ],
    [{ kind: "timed-out", cityTimeoutSeconds: 1800 }, "", "R ran longer than its deadline of 30 min and was stopped"],
    [{ kind: "disk-full", detail: "8 kB are free" }, "", "disk full: 8 kB are free"],
  ];
  for (const [end, log, words] of cases) {
    it(words, () => {
      expect(explainMissing(end, cleanLines(log), came)).to.deep.equal({ kind: end.kind, text: words });
    });
  }

  it("is no longer than an e-mail bears", () => {
    const reason = explainMissing({ kind: "exited", code: 2 }, [`Error ${"x".repeat(5000)}`], came);
    expect(reason.text.length).to.be.lessThan(400);
  });
});

describe("how an attempt ended", () => {
  it("is just the exit code where R gave its own answer", () => {
    expect(describeEnd({ kind: "exited", code: 0 }, [])).to.deep.equal({ end: "exit 0", endKind: "exited" });
    expect(describeEnd({ kind: "exited", code: 1 }, ["[x] ERROR: a"])).to.include({ end: "exit 1" });
  });
});
