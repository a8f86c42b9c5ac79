import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { readDeployment } from "../../../runner/stack/outputs.ts";
import { sampleDeployment } from "../../support/deployment.ts";
import { pulumiOnPath } from "../../support/pulumi.ts";
import { rejection } from "../../support/samples.ts";

const outputs = JSON.stringify({ ...sampleDeployment, andMore: "of a later version" });

describe("a stack by its outputs", () => {
  const path = process.env["PATH"];
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "replot-outputs-"));
  });
  afterEach(async () => {
    process.env["PATH"] = path;
    await rm(directory, { recursive: true });
  });

  async function saved(text: string): Promise<string> {
    const file = join(directory, "stack.json");
    await writeFile(file, text);
    return file;
  }

  it("comes from a file", async () => {
    expect(await readDeployment(await saved(outputs))).to.deep.equal(sampleDeployment);
  });

  it("is read from the outputs of an earlier version, which named the time limit of runs otherwise", async () => {
    const { maxRunSeconds, ...others } = sampleDeployment;
    const earlier = JSON.stringify({ ...others, longestLifeSeconds: maxRunSeconds });
    expect(await readDeployment(await saved(earlier))).to.deep.equal(sampleDeployment);
  });

  it("comes from Pulumi, by name or as selected there", async () => {
    process.env["PATH"] = await pulumiOnPath(directory, { "acme/replot/dev": outputs, "": outputs });
    expect(await readDeployment("acme/replot/dev")).to.deep.equal(sampleDeployment);
    expect(await readDeployment(undefined)).to.deep.equal(sampleDeployment);
  });

  it("passes a name on as it is, whatever a shell would make of it", async () => {
    process.env["PATH"] = await pulumiOnPath(directory, { "": outputs });
    const { message } = await rejection(readDeployment("$(touch x); dev"));
    expect(message).to.include("no stack named '$(touch x); dev' found");
  });

  const refusals: readonly (readonly [string, said: string, exitCode: number, told: RegExp])[] = [
    ["no such stack", "no stack named '%s' found", 2, /no stack named 'dev' found\n {2}`pulumi stack ls`/],
    [
      "no stack selected",
      "no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one",
      2,
      /--stack NAME/,
    ],
    [
      "not logged in",
      "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
      3,
      /PULUMI_ACCESS_TOKEN must be set.*\n {2}log in.*pulumi login/,
    ],
    [
      "a passphrase that is not set",
      "getting secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
      3,
      /set PULUMI_CONFIG_PASSPHRASE/,
    ],
    ["anything else", "the sky fell", 3, /the sky fell\n {2}run it by hand/],
  ];
  for (const [title, said, exitCode, told] of refusals) {
    it(`is refused with the next step: ${title}`, async () => {
      process.env["PATH"] = await pulumiOnPath(directory, {}, said);
      const refused = await rejection(readDeployment("dev"));
      expect(refused).to.include({ exitCode });
      expect(refused.message).to.match(told);
    });
  }

  it("needs Pulumi, and says what to do without", async () => {
    process.env["PATH"] = directory;
    const refused = await rejection(readDeployment("dev"));
    expect(refused).to.include({ exitCode: 3 });
    expect(refused.message).to.match(
      /no pulumi on the PATH.*pulumi stack output --json > stack\.json.*--stack stack\.json/,
    );
  });

  it("is given up when Pulumi does not answer in time, and says how long that was", async () => {
    const hanging = await pulumiOnPath(directory, {});
    await writeFile(join(directory, "pulumi"), "#!/bin/sh\nexec sleep 1000\n");
    process.env["PATH"] = hanging;
    const refused = await rejection(readDeployment("dev", 0.2));
    expect(refused).to.include({ exitCode: 3 });
    expect(refused.message).to.match(/^pulumi stack output .* gave no answer within 0\.2 s$/);
  });

  const files: readonly (readonly [string, text: string, exitCode: number, told: RegExp])[] = [
    ["no JSON", "error: nothing", 2, /is not JSON/],
    ["something else than an object", "[]", 2, /is not an object/],
    ["a stack that isn't deployed", "{}", 3, /isn't deployed; run: pulumi up/],
    ["another program", '{"url":"https://example.org","bucket":"b"}', 2, /outputs of another program \(url, bucket\)/],
    [
      "an older replot",
      JSON.stringify({ ...sampleDeployment, runsTable: undefined, taskCpu: "2 vCPU" }),
      3,
      /another version of replot.*pulumi up.*\n.*runsTable: .*\n.*taskCpu: /,
    ],
  ];
  for (const [title, text, exitCode, told] of files) {
    it(`is refused when the file has the outputs of ${title}`, async () => {
      const refused = await rejection(readDeployment(await saved(text)));
      expect(refused).to.include({ exitCode });
      expect(refused.message).to.match(told);
    });
  }

  it("is refused when there is no such file", async () => {
    const refused = await rejection(readDeployment(join(directory, "nowhere.json")));
    expect(refused).to.include({ exitCode: 2 });
    expect(refused.message).to.match(/there is no such file; make it with: pulumi stack output --json/);
  });
});
