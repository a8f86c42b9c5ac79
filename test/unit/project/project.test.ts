import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { UsageError } from "../../../runner/errors.ts";
import { findProject } from "../../../runner/project/find.ts";
import { parseProject } from "../../../runner/project/project.ts";
import { readSettings } from "../../../runner/settings.ts";

const file = "/models/flu/replot.yaml";
const read = (content: string) => parseProject(content, file);

const everything = `catalog: catalog.yaml
data: inputs
program:
  command: sh draw.sh --fast
  watch: [lib]
  events: true
workers: 3
html: self-contained
preset: small
`;

describe("a project file", () => {
  it("names catalog, data, program, workers, pages and preset, with paths relative to itself", () => {
    expect(read(everything)).to.deep.equal({
      file,
      directory: "/models/flu",
      catalog: "/models/flu/catalog.yaml",
      data: "/models/flu/inputs",
      program: { command: "sh draw.sh --fast", image: undefined, watch: ["/models/flu/lib"], events: true },
      workers: 3,
      html: "self-contained",
      preset: "small",
    });
  });

  it("may leave everything out", () => {
    for (const content of ["", "# nothing yet\n", "{}"]) expect(read(content)).to.include({ file, catalog: undefined });
  });

  it("that is wrong is refused with every mistake, its place, and what was meant", () => {
    const wrong = "catlog: c.yaml\nworkers: many\nprogram: { comand: x, image: y }\nhtml: yes\npreset: 3\n";
    expect(() => read(wrong))
      .to.throw(UsageError)
      .with.property("message")
      .that.equals(
        [
          `${file}:1:1: catlog: unknown key; did you mean catalog?`,
          `${file}:2:10: workers: expected a number, found "many"`,
          `${file}:3:12: program.comand: unknown key; did you mean command?`,
          `${file}:4:7: html: expected true or false or self-contained, found "yes"`,
        ].join("\n"),
      );
    expect(() => read("program: { watch: [lib] }")).to.throw(UsageError, "program: expected command or image");
    expect(() => read("catalog: ["))
      .to.throw(UsageError, `${file}:1:`)
      .with.property("message")
      .that.includes("not YAML");
    expect(() => read("catalog")).to.throw(UsageError, "expected a mapping");
  });
});

describe("settings of a project", () => {
  const project = read(everything.replace("  watch: [lib]\n", ""));

  it("come from the file, and its state lies beside it", () => {
    const settings = readSettings({}, {}, project);
    expect(settings).to.deep.include({
      home: "/models/flu/.replot",
      catalog: "/models/flu/catalog.yaml",
      data: "/models/flu/inputs",
      workers: 3,
      rEvents: true,
      preset: "small",
      html: "self-contained",
    });
  });

  it("give way to the environment, and that to options", () => {
    const environment = { REPLOT_WORKERS: "5", REPLOT_DATA: "/in", REPLOT_HOME: "/state" };
    const settings = readSettings({ workers: "7" }, environment, project);
    expect(settings).to.deep.include({ workers: 7, data: "/in", home: "/state", catalog: "/models/flu/catalog.yaml" });
  });

  it("say where a file that does not exist is named", () => {
    const missing = () => readSettings({}, {}, read(everything));
    expect(missing).to.throw(UsageError, `program.watch in ${file} names /models/flu/lib`);
  });

  it("lose their whole program to another one", () => {
    expect(readSettings({ rImage: "image:1" }, {}, project)).to.deep.include({ rCommand: ["batch"], rEvents: false });
    const other = readSettings({ rCommand: "Rscript x.R" }, {}, project);
    expect([other.rCommand, other.rEvents, other.program?.watch]).to.deep.equal([["Rscript", "x.R"], false, []]);
    const image = read("program: { image: my-image, command: ./run batch }");
    expect(readSettings({}, {}, image)).to.deep.include({ rImage: "my-image", rCommand: ["./run", "batch"] });
    expect(readSettings({ rCommand: "sh x.sh" }, {}, image).rImage).to.equal(undefined);
  });
});

describe("the project of a directory", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), "replot-project-")));
    await mkdir(join(directory, "below", "deep"), { recursive: true });
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("is the nearest one in it or above, whose program is found from anywhere below", async () => {
    await writeFile(join(directory, "replot.yaml"), "program: { command: sh draw.sh }\n");
    await writeFile(join(directory, "draw.sh"), "");
    const found = findProject(join(directory, "below", "deep"));
    expect(found?.directory).to.equal(directory);
    expect(readSettings({}, {}, found).rCommand).to.deep.equal(["sh", join(directory, "draw.sh")]);
    await writeFile(join(directory, "below", "replot.yaml"), "");
    expect(findProject(join(directory, "below", "deep"))?.directory).to.equal(join(directory, "below"));
  });

  it("may be none", () => {
    expect(findProject(directory)).to.equal(undefined);
  });

  it("is refused where its file is not UTF-8", async () => {
    await writeFile(join(directory, "replot.yaml"), Buffer.from([0x64, 0xe9]));
    expect(() => findProject(directory)).to.throw(UsageError, "replot.yaml is not UTF-8: byte 2");
  });
});
