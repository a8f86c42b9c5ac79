import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { readLine } from "../../../runner/render/agent/work-directory.ts";
import { parses } from "../../../runner/render/attempt/discovery.ts";
import { readTail } from "../../../runner/render/attempt/log.ts";
import { readOutput, readOutputEnd } from "../../../runner/render/read-output.ts";

describe("a file that R wrote", () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "replot-output-"));
    file = join(directory, "figure.json");
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("is read up to its limit, and not beyond", async () => {
    await writeFile(file, '{"data":[]}');
    expect(readOutput(file, 11).toString()).to.equal('{"data":[]}');
    expect(() => readOutput(file, 10)).to.throw("has 11 bytes, more than the 10 that are read");
    expect(() => readOutput(file, 10, "the catalog allows")).to.throw("more than the 10 the catalog allows");
    expect(await parses(file)).to.equal(true);
  });

  it("without end costs no memory, and its end can be had", async () => {
    await writeFile(file, "");
    await truncate(file, 1e12);
    expect(() => readOutput(file, 1_000_000)).to.throw("has 1,000,000,000,000 bytes, more than the 1,000,000");
    expect(readOutputEnd(file, 10)).to.deep.equal({ bytes: Buffer.alloc(10), before: 1e12 - 10 });
  });

  for (const [what, put] of [
    ["a link", () => symlink("/etc/passwd", file)],
    ["a pipe", async () => execFileSync("mkfifo", [file])],
    ["a directory", () => rm(file, { force: true }).then(() => execFileSync("mkdir", [file]))],
    ["a device", () => symlink("/dev/zero", file)],
  ] as const) {
    it(`is neither followed nor waited for where ${what} lies in its place`, async () => {
      await put();
      expect(() => readOutput(file, 1_000_000)).to.throw(/^is not a plain file$/);
      expect(await parses(file)).to.equal(false);
      expect(await readTail(file)).to.deep.equal([]);
      expect(await readLine(file)).to.equal(undefined);
    });
  }

  it("that is gone is an error of the system's", () => {
    expect(() => readOutput(file, 1)).to.throw(/^ENOENT/);
  });
});
