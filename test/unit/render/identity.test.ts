import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { describeProgram } from "../../../runner/render/program/identity.ts";
import { resolveProgram } from "../../../runner/render/program/program.ts";

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

  const describeCommand = (words: readonly string[], directory = root, watch: readonly string[] = []) =>
    describeProgram(resolveProgram(words, { directory, workingDirectory: "/nowhere", watch }));
  const identity = async (words: readonly string[], directory = root, watch: readonly string[] = []) =>
    (await describeCommand(words, directory, watch)).identity;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "replot-identity-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  it("is the same as long as nothing changed, wherever it lies", async () => {
    const here = await identity(["sh", await writePackage(join(root, "a"))]);
    expect(here).to.match(/^local:[0-9a-f]{16}$/);
    expect(await identity(["sh", await writePackage(join(root, "b"))])).to.equal(here);
    expect(await identity(["sh", "exec/batch"], join(root, "a"))).to.equal(here);
  });

  it("is what it was in earlier versions for a script without helpers and for a package", async () => {
    // worked out by the version before: with another value every plot of an existing state would be due
    await write("only/draw.py", "print('figure')\n");
    expect(await identity(["no-such-program", "only/draw.py", "--fast"])).to.equal("local:1cc82c9250ca3f70");
    await writePackage(join(root, "p"));
    expect(await identity(["no-such-program", "p/exec/batch"])).to.equal("local:7888d8d98b4b9c34");
  });

  it("changes with the program, its arguments, and any file of its package", async () => {
    const file = await writePackage(root);
    const seen = new Set([await identity(["sh", file]), await identity(["sh", file, "--fast"])]);
    await write("R/draw.R", "draw <- 2\n");
    seen.add(await identity(["sh", file]));
    await write("exec/batch", "changed\n");
    seen.add(await identity(["sh", file]));
    await write("inst/data/new", "");
    seen.add(await identity(["sh", file]));
    expect(seen.size).to.equal(5);
  });

  it("does not change with what was compiled, tests, hidden files, or what an editor left in a package", async () => {
    const file = await writePackage(root);
    const before = await identity(["sh", file]);
    const others = [
      "src/a.o",
      "src/a.so",
      "tests/testthat/test.R",
      ".Rhistory",
      ".git/HEAD",
      "R/draw.R~",
      "R/#draw.R#",
    ];
    for (const path of others) await write(path, "x");
    await symlink("ada@host.4711:1700000000", join(root, "R", ".#draw.R"));
    expect(await identity(["sh", file])).to.equal(before);
  });

  it("changes with a script beside or below the program's, in any language, and with its name", async () => {
    const file = await write("model/batch.R", "source('R/draw.R')\n");
    const seen = new Set([await identity(["Rscript", file])]);
    for (const path of ["model/R/draw.R", "model/fit.py", "model/lib/deep/strata.jl", "model/prior.stan"]) {
      await write(path, "one\n");
      seen.add(await identity(["Rscript", file]));
      await write(path, "two\n");
      seen.add(await identity(["Rscript", file]));
    }
    await rm(join(root, "model/fit.py"));
    await write("model/first.py", "two\n");
    seen.add(await identity(["Rscript", file]));
    expect(seen.size).to.equal(10);
  });

  it("takes no notice of an editor's lock, a dangling link, a directory called like a script, or data", async () => {
    const file = await write("model/batch.R", "1\n");
    const before = await identity(["Rscript", file]);
    await symlink("ada@host.4711:1700000000", join(root, "model/.#batch.R"));
    await symlink("/nowhere/util.R", join(root, "model/util.R"));
    await mkdir(join(root, "model/old.R"));
    const others = ["batch.R~", "#batch.R#", ".batch.R.swp", "input.csv", "node_modules/x/index.js", "renv/activate.R"];
    for (const name of others) await write(`model/${name}`, "x");
    await write("model/state/replot.sqlite", "");
    await write("model/state/work/run/agent.sh", "another at each start\n");
    expect(await identity(["Rscript", file])).to.equal(before);
  });

  it("follows a link to a helper, and is no error where a file may not be read", async () => {
    const file = await write("model/batch.R", "1\n");
    const shared = await write("shared/util.R", "one\n");
    await symlink("../shared/util.R", join(root, "model/util.R"));
    const before = await identity(["Rscript", file]);
    await write("shared/util.R", "two\n");
    const after = await identity(["Rscript", file]);
    expect(after).not.to.equal(before);
    await chmod(shared, 0o000);
    expect(await identity(["Rscript", file])).to.match(/^local:/);
  });

  it("says so where too much lies below a script to look through, and watches what lies beside it", async () => {
    const file = await write("model/batch.R", "1\n");
    for (const number of [1, 2, 3]) await write(`model/output/${number}.json`, "");
    const program = resolveProgram(["Rscript", file], { directory: root, workingDirectory: root, watch: [] });
    const { identity: before, remarks } = await describeProgram(program, 4);
    expect(remarks.join()).to.include("Too many files lie below").and.to.include("Name others with --watch FILE");
    await write("model/util.R", "1\n");
    expect((await describeProgram(program, 4)).identity).not.to.equal(before);
    expect((await describeProgram(program, 6)).remarks).to.deep.equal([]);
  });

  it("takes a program that belongs to the machine by its content alone, whatever lies beside it", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = `${root}:${path}`;
    try {
      const file = await write("draw", "#!/bin/sh\n");
      await chmod(file, 0o755);
      const before = await identity(["draw"]);
      await write("other.sh", "");
      expect(await identity(["draw"])).to.equal(before);
      await write("draw", "#!/bin/sh\ndraw more\n");
      expect(await identity(["draw"])).not.to.equal(before);
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("changes with a file or directory that --watch names, wherever these lie", async () => {
    const command = ["sh", "-c", "draw"];
    const watched = async (below: string, text: string): Promise<string> => {
      await write("prior.csv", text, join(root, below));
      await write("tables/a.csv", text, join(root, below));
      return identity(command, join(root, below), ["prior.csv", "tables"]);
    };
    const one = await watched("a", "1");
    expect(await watched("b", "1")).to.equal(one);
    expect(await watched("b", "2")).not.to.equal(one);
    expect(one).not.to.equal(await identity(command));
  });

  it("changes with the R profile of the script's project and its renv.lock", async () => {
    const file = await write("project/scripts/batch.R", "1\n");
    const seen = new Set([await identity(["Rscript", file])]);
    await write("project/.Rprofile", 'source("renv/activate.R")\n');
    seen.add(await identity(["Rscript", file]));
    await write("project/renv.lock", "{}");
    seen.add(await identity(["Rscript", file]));
    expect(seen.size).to.equal(3);
  });

  describe("with a command that does not name its files", () => {
    const remarks = async (words: readonly string[], watch: readonly string[] = []) =>
      (await describeCommand(words, root, watch)).remarks.join("\n");

    for (const command of [
      ["sh", "-c", "Rscript batch.R"],
      ["bash", "-lc", "Rscript batch.R"],
      ["Rscript", "-e", "source('batch.R')", "batch.R"],
      ["env", "-e", "x"],
      ["env", "MODE=fast", "draw"],
    ]) {
      it(`${command.join(" ")}: says what is not watched, unless --watch names files`, async () => {
        await write("batch.R", "1\n");
        expect(await remarks(command))
          .to.include("replot cannot see which files")
          .and.to.include("--watch FILE");
        expect(await remarks(command, ["batch.R"])).to.equal("");
      });
    }

    for (const command of [
      ["sh", "-e", "batch.sh"],
      ["Rscript", "batch.sh", "-e", "5"],
      ["./batch.sh", "-c"],
    ]) {
      it(`${command.join(" ")}: is watched, and needs no remark`, async () => {
        await write("batch.sh", "#!/bin/sh\n");
        expect(await remarks(command)).to.equal("");
      });
    }
  });
});
