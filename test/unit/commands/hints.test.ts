import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { Command } from "commander";
import { afterEach, beforeEach, describe, it } from "mocha";
import { addCheck } from "../../../runner/commands/check.ts";
import { addData } from "../../../runner/commands/data.ts";
import { addDoctor } from "../../../runner/commands/doctor.ts";
import {
  type CommandName,
  commandLine,
  commandNames,
  optionsTaken,
  programName,
  withProgramName,
} from "../../../runner/commands/hints.ts";
import { addInit } from "../../../runner/commands/init.ts";
import { addKeep } from "../../../runner/commands/keep.ts";
import { addLogs } from "../../../runner/commands/logs.ts";
import { addNotify } from "../../../runner/commands/notify.ts";
import { addPlan } from "../../../runner/commands/plan.ts";
import { addPrune } from "../../../runner/commands/prune.ts";
import { addRegenerate } from "../../../runner/commands/regenerate.ts";
import { addRollback } from "../../../runner/commands/rollback.ts";
import { addRuns } from "../../../runner/commands/runs.ts";
import { addShow } from "../../../runner/commands/show.ts";
import { addStart } from "../../../runner/commands/start.ts";
import { addStop } from "../../../runner/commands/stop.ts";
import { addVerify } from "../../../runner/commands/verify.ts";

const adders: Readonly<Record<CommandName, (program: Command) => void>> = {
  init: addInit,
  regenerate: addRegenerate,
  start: addStart,
  stop: addStop,
  data: addData,
  notify: addNotify,
  plan: addPlan,
  runs: addRuns,
  show: addShow,
  logs: addLogs,
  verify: addVerify,
  rollback: addRollback,
  keep: addKeep,
  prune: addPrune,
  doctor: addDoctor,
  check: addCheck,
};
const everywhere = {
  home: "my state",
  catalog: "c.yaml",
  stack: "dev",
  data: "d",
  rCommand: "Rscript it's.R",
  rImage: "image",
  rEvents: true,
  watch: ["lib", "my data"],
};

describe("a hint", () => {
  it("has exactly those options that the command takes", () => {
    for (const name of commandNames) {
      const program = new Command();
      adders[name](program);
      const command = program.commands[0]?.commands[0] ?? program.commands[0];
      const taken = command?.options.filter(({ hidden }) => !hidden).map((option) => option.attributeName()) ?? [];
      const told = Object.keys(everywhere).filter((option) => taken.includes(option));
      expect([...optionsTaken[name]].toSorted(), name).to.deep.equal(told.toSorted());
    }
  });

  it("can be pasted into a shell, whatever its values are", () => {
    expect(commandLine("regenerate --resume X", everywhere)).to.equal(
      "replot regenerate --resume X --home 'my state' --catalog c.yaml --data d --r-command 'Rscript it'\\''s.R' --r-image image --r-events --watch lib --watch 'my data'",
    );
    expect(commandLine("rollback X", everywhere)).to.equal(
      "replot rollback X --home 'my state' --catalog c.yaml --stack dev",
    );
    expect(commandLine("stop X", {})).to.equal("replot stop X");
  });

  it("names the program as it is called here, once, and nothing that is no command", () => {
    expect(withProgramName("begin with: replot regenerate minimal", "npx replot")).to.equal(
      "begin with: npx replot regenerate minimal",
    );
    expect(withProgramName("`replot runs` lists; npx replot show", "npx replot")).to.equal(
      "`npx replot runs` lists; npx replot show",
    );
    for (const text of ["replot needs Node 24", "/bin/replot show", "a replot showing"]) {
      expect(withProgramName(text, "npx replot")).to.equal(text);
    }
  });
});

describe("the program's name", () => {
  let directory: string;
  let root: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "replot-hints-"));
    root = join(directory, "my checkout");
    await mkdir(join(root, "bin"), { recursive: true });
    await writeFile(join(root, "bin", "replot.js"), "");
    await chmod(join(root, "bin", "replot.js"), 0o755);
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** A directory with a link `replot`. */
  async function linked(name: string, target: string): Promise<string> {
    const bin = join(directory, name);
    await mkdir(bin, { recursive: true });
    await symlink(target, join(bin, "replot"));
    return bin;
  }

  it("is `npx replot` in a checkout and below it, and the file elsewhere", () => {
    const name = (cwd: string) => programName({ path: "/usr/bin", cwd, root });
    expect(name(root)).to.equal("npx replot");
    expect(name(join(root, "docs"))).to.equal("npx replot");
    expect(name(directory)).to.equal(`'${join(root, "bin", "replot.js")}'`);
    expect(name(`${root} too`)).to.equal(`'${join(root, "bin", "replot.js")}'`);
  });

  it("is `replot` where that is this program on the PATH, which npx alone does not make true", async () => {
    const name = (bin: string) => programName({ path: ["/usr/bin", bin].join(delimiter), cwd: root, root });
    const own = join(root, "bin", "replot.js");
    expect(name(await linked("bin", own))).to.equal("replot");
    expect(name(await linked("cache/node_modules/.bin", own))).to.equal("npx replot");
    await writeFile(join(directory, "other.js"), "");
    expect(name(await linked("other", join(directory, "other.js")))).to.equal("npx replot");
  });
});
