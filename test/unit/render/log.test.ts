import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { lastLines, readTail } from "../../../runner/render/attempt/log.ts";

describe("R's log", () => {
  it("ends with its last lines, of which equal neighbours are one", () => {
    const warnings = Array.from({ length: 9 }, () => "core 3 did not deliver");
    expect(lastLines(["a", "b", ...warnings, "c"], 3)).to.deep.equal(["b", "core 3 did not deliver (9 times)", "c"]);
  });

  it("is read from the end, in whole lines, whatever its size", async () => {
    const directory = await mkdtemp(join(tmpdir(), "replot-log-"));
    const file = join(directory, "log");
    try {
      expect(await readTail(file)).to.deep.equal([]);
      await writeFile(file, `${"line of some length\n".repeat(100_000)}last\n`);
      const tail = await readTail(file);
      expect(tail.length).to.be.within(5_000, 15_000);
      expect(tail[0]).to.equal("line of some length");
      expect(tail.at(-1)).to.equal("last");
      await writeFile(file, `\u001b[31m\0${"x".repeat(1_000_000)}\u001b[0m end\n`);
      expect((await readTail(file)).join("\n")).to.match(/^x{100,}…x+ end$/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
