import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { lastLines, readTail, uncaughtError } from "../../../runner/render/log.ts";

describe("R's log", () => {
  it("ends with its last lines that say something, however lines are ended", () => {
    expect(lastLines("a\r\nb\n\n10 %\r20 %\nc  \n\n", 3)).to.deep.equal(["10 %", "20 %", "c"]);
  });

  it("has R's last error, and nothing that came after it", () => {
    const log = "Error in a : first\nExecution halted\nError: second\nthird\nIn addition: Warning message:\nfourth";
    expect(uncaughtError(log)).to.equal("Error: second third");
    expect(uncaughtError("Errors: none\nall well")).to.equal(undefined);
  });

  it("is read from the end, in whole lines, whatever its size", async () => {
    const directory = await mkdtemp(join(tmpdir(), "replot-log-"));
    const file = join(directory, "log");
    try {
      expect(await readTail(file)).to.equal("");
      await writeFile(file, `${"line of some length\n".repeat(100_000)}last\n`);
      const tail = await readTail(file);
      expect(tail.length).to.be.within(100_000, 300_000);
      expect(tail.startsWith("line of some length\n")).to.equal(true);
      expect(tail.endsWith("\nlast\n")).to.equal(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
