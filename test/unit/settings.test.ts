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
    const wrong = { REPLOT_WORKERS: "none", REPLOT_DEADLINE: "-1", REPLOT_R_COMMAND: "[1]" };
    expect(() => readSettings({}, wrong))
      .to.throw(UsageError)
      .with.property("message")
      .that.matches(/--workers \(REPLOT_WORKERS\).*[\s\S]*REPLOT_DEADLINE.*/)
      .and.matches(/--r-command \(REPLOT_R_COMMAND\): expected "PROGRAM ARGS"/);
  });
});
