import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { UsageError } from "../../../runner/errors.ts";
import { resolveProgram } from "../../../runner/render/program/program.ts";
import { profileVariables } from "../../../runner/render/program/project-profile.ts";

describe("the command of a program", () => {
  let root: string;
  let caller: string;
  let data: string;

  async function write(path: string, text = ""): Promise<string> {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }
  const resolve = (words: readonly string[], watch: readonly string[] = []) =>
    resolveProgram(words, { directory: caller, workingDirectory: data, watch });
  const started = (...words: string[]) => resolve(words).words.map(({ resolved }) => resolved);

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "replot-program-")));
    caller = join(root, "project");
    data = join(root, "data");
    for (const directory of [caller, data]) await mkdir(directory);
  });
  afterEach(() => rm(root, { recursive: true }));

  it("is started with absolute paths of the files that it names relative to its caller", async () => {
    await write("project/my/batch.R");
    await write("project/conf.yaml");
    expect(started("Rscript", "my/batch.R", "--file=conf.yaml", "--fast", "none.txt")).to.deep.equal([
      "Rscript",
      join(caller, "my/batch.R"),
      `--file=${join(caller, "conf.yaml")}`,
      "--fast",
      "none.txt",
    ]);
    await write("project/draw.sh");
    expect(started("./draw.sh")).to.deep.equal([join(caller, "draw.sh")]);
    expect(started("../project/draw.sh")).to.deep.equal([join(caller, "draw.sh")]);
  });

  it("means a file of the data directory, where R works, if its caller's directory has none of the name", async () => {
    await write("data/batch.R");
    expect(started("Rscript", "batch.R")).to.deep.equal(["Rscript", join(data, "batch.R")]);
    await write("project/batch.R");
    expect(started("Rscript", "batch.R")).to.deep.equal(["Rscript", join(caller, "batch.R")]);
  });

  it("keeps a plain word that is a directory's name, and makes a path to one absolute", async () => {
    await mkdir(join(caller, "test"));
    expect(started("julia", "test", "--project=.", "./test")).to.deep.equal([
      "julia",
      "test",
      `--project=${caller}`,
      join(caller, "test"),
    ]);
  });

  it("keeps what is no path: options, and a program that is found on the PATH", async () => {
    await write("project/-e");
    await write("project/sh");
    expect(started("sh", "-e")).to.deep.equal(["sh", "-e"]);
  });

  it("takes a program from a relative entry of the PATH where the caller's shell takes it", async () => {
    const file = await write("project/bin/draw-here");
    const path = process.env["PATH"];
    process.env["PATH"] = `${path}:bin`;
    try {
      expect(started("draw-here")).to.deep.equal([file]);
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("is refused where --watch names what is not there", async () => {
    await write("project/prior.csv");
    expect(resolve(["x"], ["prior.csv"]).watch).to.deep.equal([join(caller, "prior.csv")]);
    expect(() => resolve(["x"], ["priors.csv"])).to.throw(UsageError, `--watch names priors.csv`);
  });

  describe("of a script in a project", () => {
    const profileOf = async (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
      (await profileVariables(resolve(words), environment))["REPLOT_PROJECT_PROFILE"];

    it("is started with the project's profile, which lies beside the script or above it", async () => {
      await write("project/scripts/batch.R");
      expect(await profileOf(["Rscript", "scripts/batch.R"])).to.equal(undefined);
      const above = await write("project/.Rprofile");
      expect(await profileOf(["Rscript", "scripts/batch.R"])).to.equal(above);
      const beside = await write("project/scripts/.Rprofile");
      expect(await profileOf(["Rscript", "scripts/batch.R"])).to.equal(beside);
    });

    it("is left alone where somebody has chosen a profile", async () => {
      await write("project/batch.R");
      await write("project/.Rprofile");
      expect(await profileOf(["Rscript", "batch.R"], { R_PROFILE_USER: "/mine" })).to.equal(undefined);
    });
  });
});
