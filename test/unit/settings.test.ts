import { expect } from "chai";
import { describe, it } from "mocha";
import { UsageError } from "../../runner/errors.ts";
import { readSettings } from "../../runner/settings.ts";

describe("settings", () => {
  it("come from the environment, and an option replaces its variable", () => {
    const environment = { REPLOT_WORKERS: "3", REPLOT_HOME: "/state" };
    expect(readSettings({}, environment)).to.deep.include({ workers: 3, home: "/state", data: "/state/data" });
    expect(readSettings({ workers: "5", data: "/in" }, environment)).to.deep.include({ workers: 5, data: "/in" });
  });

  it("draw with the sample model by default, which tells of its plots; another program is not asked to", () => {
    const usual = readSettings({}, {});
    expect(usual.rCommand.join(" ")).to.match(/^Rscript .*model\/exec\/batch$/);
    expect(usual.rEvents).to.equal(true);
    expect(readSettings({ rCommand: "Rscript draw.R" }, {})).to.deep.include({
      rCommand: ["Rscript", "draw.R"],
      rEvents: false,
    });
    expect(readSettings({ rImage: "image:1" }, {})).to.deep.include({ rCommand: ["batch"], rEvents: false });
    expect(readSettings({ rCommand: "x", rEvents: true }, {}).rEvents).to.equal(true);
  });

  it("take a command whose words have blanks as a JSON array", () => {
    expect(readSettings({ rCommand: '["my program", "-x"]' }, {}).rCommand).to.deep.equal(["my program", "-x"]);
  });

  it("watch the files that --watch names or REPLOT_WATCH, and none beside an image", () => {
    const here = import.meta.filename;
    expect(readSettings({ watch: [here] }, {}).program?.watch).to.deep.equal([here]);
    expect(readSettings({}, { REPLOT_WATCH: `${here} /` }).program?.watch).to.deep.equal([here, "/"]);
    expect(() => readSettings({ rImage: "image:1", watch: [here] }, {})).to.throw(UsageError, "--watch (REPLOT_WATCH)");
  });

  it("that are wrong are all named, with option and variable", () => {
    const wrong = { REPLOT_WORKERS: "none", REPLOT_CITY_TIMEOUT_SECONDS: "-1", REPLOT_R_COMMAND: "[1]" };
    expect(() => readSettings({}, wrong))
      .to.throw(UsageError)
      .with.property("message")
      .that.matches(/--workers \(REPLOT_WORKERS\).*[\s\S]*REPLOT_CITY_TIMEOUT_SECONDS.*/)
      .and.matches(/--r-command \(REPLOT_R_COMMAND\): expected "PROGRAM ARGS"/);
  });

  it("are read from the variables' earlier names as well", () => {
    expect(readSettings({}, { REPLOT_DEADLINE: "90" }).cityTimeoutSeconds).to.equal(90);
    expect(readSettings({}, { REPLOT_WORK: "/work", REPLOT_LONGEST_LIFE: "60" }).task?.maxRunSeconds).to.equal(60);
    const same = { REPLOT_DEADLINE: "90", REPLOT_CITY_TIMEOUT_SECONDS: "90" };
    expect(readSettings({}, same).cityTimeoutSeconds).to.equal(90);
  });

  it("that have different values under a variable's two names are refused, with both names", () => {
    const different = { REPLOT_DEADLINE: "90", REPLOT_CITY_TIMEOUT_SECONDS: "60" };
    expect(() => readSettings({}, different)).to.throw(
      UsageError,
      "REPLOT_CITY_TIMEOUT_SECONDS: REPLOT_DEADLINE, its earlier name, has another value; remove REPLOT_DEADLINE",
    );
  });

  it("that are wrong under an earlier name are named as they were given", () => {
    expect(() => readSettings({}, { REPLOT_DEADLINE: "soon" })).to.throw(
      UsageError,
      "REPLOT_DEADLINE (now REPLOT_CITY_TIMEOUT_SECONDS): ",
    );
  });

  it("of half a stack are refused, with what is missing", () => {
    const half = { REPLOT_STACK: "dev", REPLOT_DATA_BUCKET: "data" };
    expect(() => readSettings({}, half)).to.throw(UsageError, "missing: REPLOT_PLOTS_BUCKET, REPLOT_PLOTS_TABLE");
  });
});
