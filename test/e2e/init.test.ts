/** A project that `replot init` writes, drawn by real R and real Python. */
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { loadCatalog } from "../../runner/catalog/load.ts";
import { openLocalStores } from "../../runner/stores/local/open.ts";
import { type Result, root, startOnTerminal, startProgram } from "../support/command.ts";
import { readState } from "../support/state.ts";

/** Without the settings of whoever runs the tests. */
const bare = Object.fromEntries(
  Object.keys(process.env).flatMap((name) => (/^REPLOT_/.test(name) ? [[name, ""]] : [])),
);

describe("replot init", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), "replot-init-")));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const replot = (args: readonly string[], place = directory): Promise<Result> => startProgram(args, bare, place).ended;

  async function rowsOf(project: string) {
    const { model } = await loadCatalog(join(project, "catalog.yaml"));
    return (await readState(await openLocalStores({ home: join(project, ".replot"), model }))).rows;
  }

  for (const language of ["r", "python"]) {
    it(`writes a project in ${language} that publishes its plots at once, and has nothing to do the second time`, async () => {
      const made = await replot(["init", "my model", "--language", language]);
      expect(made.code, made.stderr).to.equal(0);
      // what it prints can be pasted
      expect(made.stdout)
        .to.include("\n  cd 'my model'\n")
        .and.include(`${join(root, "bin/replot.js")} regenerate`);
      const project = join(directory, "my model");
      const first = await replot(["regenerate"], project);
      expect([first.code, first.stdout.includes("24 of 24 plots")], first.stdout + first.stderr).to.deep.equal([
        0,
        true,
      ]);
      const rows = await rowsOf(project);
      expect(rows).to.have.lengthOf(24);
      for (const { s3_key } of rows) {
        const object = await readFile(join(project, ".replot", "objects", s3_key));
        expect(object.length, s3_key).to.be.above(100);
      }
      // from below, as from the directory itself
      const again = await replot(["regenerate"], join(project, "simulations"));
      expect(again.code, again.stderr).to.equal(0);
      expect(again.stdout).to.include("nothing changed, 24 plots current");
      expect(await readdir(join(project, "simulations"))).to.deep.equal(["flu"]);
    });
  }

  it("draws again what an edited input or program changes", async () => {
    await replot(["init", ".", "--language", "python"]);
    await replot(["regenerate"]);
    const input = join(directory, "simulations/flu/prerun/P.1/closure.Rdata");
    await writeFile(input, (await readFile(input, "utf8")).replace(/^2030,young.*$/m, "2030,young,1,1"));
    expect((await replot(["regenerate"])).stdout).to.include("4 new or changed");
    const program = join(directory, "program.py");
    await writeFile(program, `${await readFile(program, "utf8")}# a change\n`);
    expect((await replot(["plan"])).stdout)
      .to.match(/program/i)
      .and.include("24");
  });

  it("asks for directory and language on a terminal", async () => {
    const answers = ["Directory=asked", "Language=python"];
    const { code, stdout } = await startOnTerminal(answers, ["init"], {}, directory).ended;
    expect(code, stdout).to.equal(0);
    expect(await readdir(join(directory, "asked"))).to.include.members(["program.py", "replot.yaml"]);
  });

  it("overwrites nothing: what is there already is named, with 2, and nothing is written", async () => {
    await mkdir(join(directory, "simulations"));
    await writeFile(join(directory, "catalog.yaml"), "mine");
    const refused = await replot(["init"]);
    expect([refused.code, refused.stdout]).to.deep.equal([2, ""]);
    expect(refused.stderr).to.include(`${directory} has catalog.yaml already`);
    expect((await readdir(directory)).toSorted()).to.deep.equal(["catalog.yaml", "simulations"]);
    expect(await readFile(join(directory, "catalog.yaml"), "utf8")).to.equal("mine");
    expect((await replot(["init", "x", "--language", "cobol"])).code).to.equal(2);
  });
});

describe("a directory without a project", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), "replot-init-")));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("is told what a run needs, with 2, before anything is made", async () => {
    for (const command of [["regenerate"], ["plan"], ["doctor"]]) {
      const { code, stdout, stderr } = await startProgram(command, bare, directory).ended;
      expect([code, stdout], command.join(" ")).to.deep.equal([2, ""]);
      expect(stderr)
        .to.include(`there is no replot.yaml in ${directory}`)
        .and.match(/replot\S* init/);
    }
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it("is told of a mistake in the project file, and of a program that is missing in it", async () => {
    await writeFile(join(directory, "replot.yaml"), "catalogue: c.yaml\n");
    const wrong = await startProgram(["regenerate"], bare, directory).ended;
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.include("replot.yaml:1:1: catalogue: unknown key; did you mean catalog?");
    await writeFile(join(directory, "replot.yaml"), "catalog: c.yaml\n");
    const lacking = await startProgram(["regenerate"], bare, directory).ended;
    expect([lacking.code, lacking.stderr.includes("no program that draws it")]).to.deep.equal([2, true]);
  });
});
