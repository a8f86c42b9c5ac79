import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { programIdentity } from "../../../runner/render/identity.ts";

describe("the identity of a program", () => {
  let root: string;

  async function write(path: string, text: string, below = root): Promise<string> {
    const file = join(below, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  async function writePackage(below: string): Promise<string> {
    await write("DESCRIPTION", "Package: model\nVersion: 1.0\n", below);
    await write("R/draw.R", "draw <- 1\n", below);
    return write("exec/batch", "#!/usr/bin/env Rscript\n", below);
  }

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "replot-identity-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  it("is the same as long as nothing changed, wherever it lies", async () => {
    const here = await programIdentity(["sh", await writePackage(join(root, "a"))]);
    expect(here).to.match(/^local:[0-9a-f]{16}$/);
    expect(await programIdentity(["sh", await writePackage(join(root, "b"))])).to.equal(here);
    expect(await programIdentity(["sh", "exec/batch"], join(root, "a"))).to.equal(here);
  });

  it("changes with the program, its arguments, and any file of its package", async () => {
    const file = await writePackage(root);
    const seen = new Set([await programIdentity(["sh", file]), await programIdentity(["sh", file, "--fast"])]);
    await write("R/draw.R", "draw <- 2\n");
    seen.add(await programIdentity(["sh", file]));
    await write("exec/batch", "changed\n");
    seen.add(await programIdentity(["sh", file]));
    await write("inst/data/new", "");
    seen.add(await programIdentity(["sh", file]));
    expect(seen.size).to.equal(5);
  });

  it("does not change with what was compiled, tests, or hidden files", async () => {
    const file = await writePackage(root);
    const before = await programIdentity(["sh", file]);
    for (const path of ["src/a.o", "src/a.so", "tests/testthat/test.R", ".Rhistory", ".git/HEAD"])
      await write(path, "x");
    expect(await programIdentity(["sh", file])).to.equal(before);
  });

  it("takes a program outside a package by its content alone", async () => {
    const file = await write("image.sh", "draw\n");
    const before = await programIdentity([file]);
    await write("beside.sh", "");
    expect(await programIdentity([file])).to.equal(before);
    await write("image.sh", "draw more\n");
    expect(await programIdentity([file])).not.to.equal(before);
    expect(await programIdentity(["sh", `--file=${file}`])).not.to.equal(await programIdentity(["sh", "--file=/none"]));
  });
});
