import { tmpdir } from "node:os";
import { expect } from "chai";
import { describe, it } from "mocha";
import { execute } from "../../../runner/doctor/program.ts";

describe("doctor runs a program", () => {
  const run = (command: readonly string[], timeoutSeconds?: number) =>
    execute(command, tmpdir(), process.env, timeoutSeconds);

  it("and keeps its exit code and what it wrote to both streams", async () => {
    const { code, output } = await run(["sh", "-c", "echo out; echo err >&2; exit 3"]);
    expect(code).to.equal(3);
    expect(output.split("\n")).to.include.members(["out", "err"]);
  });

  // that no timer is left is seen by the root hook in test/support/hooks.ts
  it("and says so at once when there is no such program", async () => {
    expect(await run(["no-such-program"])).to.deep.equal({ code: 127, output: "no-such-program: no such program" });
  });

  it("and kills it when it takes too long", async () => {
    expect(await run(["sleep", "1000"], 0.2)).to.deep.equal({ code: null, output: "" });
  });
});
