import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { bundle, watchdogHandler, watchdogPackage } from "../../infra/watchdog-package.ts";

describe("the watchdog's package", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "replot-watchdog-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("contains everything the handler needs, where Lambda looks for it", async () => {
    for (const [path, asset] of Object.entries(await watchdogPackage().assets)) {
      if (!(asset instanceof pulumi.asset.StringAsset)) throw new Error(`${path} is no text`);
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), await asset.text);
    }
    const [file, exported] = watchdogHandler.split(".");
    // outside the checkout, as in Lambda; the missing settings show that the handler ran
    const script = `import("./${file}.mjs").then((module) => module.${exported}({ source: "aws.events", "detail-type": "Scheduled Event" }))
      .then(() => console.log("answered"), (error) => console.log(error.message))`;
    const env = { PATH: process.env["PATH"] };
    const output = execFileSync(process.execPath, ["-e", script], { cwd: directory, env, encoding: "utf8" });
    expect(output).to.include("the watchdog's settings are wrong").and.to.include("REPLOT_RUNS_TABLE");
  });

  it("is identical for identical code, so that nothing unchanged is deployed", () => {
    const entry = join(import.meta.dirname, "../../runner/watchdog/handler.ts");
    expect(bundle(entry)).to.equal(bundle(entry));
  });

  it("names the cause if it can't be bundled", () => {
    const entry = join(directory, "broken.ts");
    writeFileSync(entry, 'import "./missing.ts";\n');
    expect(() => bundle(entry)).to.throw(/missing\.ts/);
  });
});
