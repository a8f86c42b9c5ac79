/** `plan`, `doctor` and `regenerate` with an image: inputs as R sees them from its container. */
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { type Busybox, openBusybox } from "../support/busybox.ts";
import { startProgram } from "../support/command.ts";
import { skipFor } from "../support/skip.ts";

const catalog = `model: m
cities: [{ code: A, name: Alpha }, { code: B, name: Beta }]
scenarios: { s: Scen }
dimensions: {}
outcomes: { o: { name: O, unit: u, kind: count, dimensions: [] } }
statistics: { mean: Mean }
limits: { points: 100, bytes: 20000 }
presets: { all: { cities: all, scenarios: all, outcomes: all, statistics: all, facets: all } }
`;

const batch = `#!/bin/sh
while [ $# -gt 0 ]; do case $1 in --output-dir) out=$2 ;; --config) job=$2 ;; esac; shift; done
city=A; while read -r line; do case $line in *'"city": "B"'*) city=B ;; esac; done <"$job"
cat "simulations/m/base/\${city}_base.Rdata" >/dev/null || exit 3
mkdir -p "$out/$city/s"
echo '{"data":[{"name":"Baseline","y":[1]},{"name":"Scen","y":[1]}],"layout":{}}' >"$out/$city/s/o_mean_unfaceted.json"
`;

const image = "localhost/replot-test-inputs:1";
const baseline = "simulations/m/base/A_base.Rdata";

describe("inputs of an image", function () {
  this.timeout(120_000);
  let busybox: Busybox | undefined;
  let directory: string;
  let data: string;

  before(async function () {
    const opened = await openBusybox();
    if (typeof opened === "string") return skipFor(this, opened);
    busybox = opened;
    await busybox.image({ name: image, files: { "bin/batch": batch }, changes: ["USER 1234:1234"] });
  });
  after(() => busybox?.remove());

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'replot, "inputs": '));
    // the image's user has to get in
    await chmod(directory, 0o755);
    data = join(directory, "data, 'of'");
    for (const city of ["A", "B"]) {
      await write(`simulations/m/base/${city}_base.Rdata`);
      await write(`simulations/m/prerun/${city}/s.Rdata`);
    }
    await writeFile(join(directory, "catalog.yaml"), catalog);
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function write(path: string): Promise<void> {
    await mkdir(dirname(join(data, path)), { recursive: true });
    await writeFile(join(data, path), path);
  }

  const replot = (command: string) => {
    const where = ["--home", join(directory, "home"), "--catalog", join(directory, "catalog.yaml"), "--data", data];
    return startProgram([command, "all", ...where, "--r-image", image], {}, directory).ended;
  };

  it("are read where the paths have commas, quotes, blanks and colons in them", async () => {
    const { code, stdout, stderr } = await replot("regenerate");
    expect(code, `${stdout}${stderr}`).to.equal(0);
    expect(stdout).to.include("2 of 2 plots");
  });

  it("behind a link that leads out are named by plan, doctor and the report, and the other cities are drawn", async () => {
    await mkdir(join(directory, "store"));
    await rename(join(data, baseline), join(directory, "store", "A"));
    await symlink(join(directory, "store", "A"), join(data, baseline));
    const why = `${baseline} is a link to ${directory}/store/A, which a container cannot follow`;
    expect((await replot("plan")).stdout).to.include(why);
    const doctor = await replot("doctor");
    expect(doctor.stdout).to.include(`R cannot read 1 of 4 files: ${why}`).and.to.include("cp -L");
    const { code, stdout, stderr } = await replot("regenerate");
    expect(code).to.equal(1);
    expect(stdout).to.include(`failed    ${why}`);
    expect(stderr).to.not.include("A Alpha  R draws");
    expect(stderr).to.include("B Beta  R draws 1 plot");
  });

  it("that the image's user may not read are named by doctor", async () => {
    await chmod(join(data, baseline), 0o600);
    expect((await replot("doctor")).stdout).to.include(`${baseline} may not be read by the image's user`);
    await chmod(join(data, baseline), 0o644);
    expect((await replot("doctor")).stdout).to.not.include("Inputs for R");
  });
});
