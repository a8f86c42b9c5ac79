/** A program of somebody's own, called from its directory: what runs is what is watched. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type Installation, install } from "../support/installation.ts";
import { onePlotCatalog } from "../support/one-plot.ts";

/** Draws the one plot with the number that a helper below it gives. */
const program = `while [ $# -gt 0 ]; do case $1 in --output-dir) out=$2 ;; esac; shift; done
. "\${0%/*}/lib/number.sh"
[ -e simulations/m/base/A_base.Rdata ] || exit 3
mkdir -p "$out/A/s"
printf '{"data":[{"name":"Baseline","y":[%s]},{"name":"Scen","y":[1]}],"layout":{}}' "$number" >"$out/A/s/o_mean_unfaceted.json"
`;

const programInR = `if (!isTRUE(getOption("from.profile"))) stop("the project's .Rprofile was not read")
arguments <- commandArgs(TRUE)
directory <- file.path(arguments[match("--output-dir", arguments) + 1], "A", "s")
dir.create(directory, recursive = TRUE)
stopifnot(file.exists("simulations/m/base/A_base.Rdata"))
figure <- '{"data":[{"name":"Baseline","y":[1]},{"name":"Scen","y":[1]}],"layout":{}}'
writeLines(figure, file.path(directory, "o_mean_unfaceted.json"))
`;

describe("a program called from its own directory", function () {
  this.timeout(60_000);
  let here: Installation;
  let source: string;

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(here.directory, path)), { recursive: true });
    await writeFile(join(here.directory, path), text);
  }

  beforeEach(async () => {
    source = await mkdtemp(join(tmpdir(), "replot-program-"));
    for (const path of ["simulations/m/base/A_base.Rdata", "simulations/m/prerun/A/s.Rdata"]) {
      await mkdir(dirname(join(source, path)), { recursive: true });
      await writeFile(join(source, path), path);
    }
    await writeFile(join(source, "catalog.yaml"), onePlotCatalog);
    here = await install({ catalog: join(source, "catalog.yaml"), data: source, environment: {} });
    await write("my/draw.sh", program);
    await write("my/lib/number.sh", "number=1\n");
  });
  afterEach(async () => {
    await here.remove();
    await rm(source, { recursive: true });
  });

  const regenerate = (...options: string[]) => here.replot(["regenerate", "all", ...options]);

  it("by a relative path is drawn with, and drawn with again when a helper below it changed", async () => {
    const first = await regenerate("--r-command", "sh my/draw.sh");
    expect(first.code, first.stderr).to.equal(0);
    expect(first.stdout).to.include("1 new or changed");
    expect((await regenerate("--r-command", `sh ${join(here.directory, "my/draw.sh")}`)).stdout).to.include(
      "nothing changed",
    );
    await write("my/lib/number.sh", "number=2\n");
    expect((await regenerate("--r-command", "sh my/draw.sh")).stdout).to.include("1 new or changed");
  });

  it("by a command that does not name its files is drawn with, and what that means is said once", async () => {
    const command = ["--r-command", JSON.stringify(["sh", "-c", `sh ${here.directory}/my/draw.sh "$@"`, "sh"])];
    const { code, stdout } = await regenerate(...command);
    expect(code).to.equal(0);
    expect(stdout.split("replot cannot see which files")).to.have.length(2);
    expect((await here.replot(["plan", "all", ...command])).stdout).to.include("Name them with --watch FILE");

    const watched = [...command, "--watch", "my"];
    const again = await regenerate(...watched);
    expect(again.code).to.equal(0);
    expect(again.stdout).not.to.include("replot cannot see");
    expect((await regenerate(...watched)).stdout).to.include("nothing changed");
    await write("my/lib/number.sh", "number=2\n");
    expect((await regenerate(...watched)).stdout).to.include("1 new or changed");
  });

  it("is refused before anything begins where --watch names what is not there", async () => {
    const { code, stderr } = await regenerate("--r-command", "sh my/draw.sh", "--watch", "priors.csv");
    expect(code).to.equal(2);
    expect(stderr).to.include("--watch names priors.csv").and.to.include(here.directory);
  });

  it("in R is started with its project's profile, read in the project's directory", async () => {
    await write("project/.Rprofile", 'source("renv/activate.R")\n');
    await write("project/renv/activate.R", "options(from.profile = TRUE)\n");
    await write("project/scripts/batch.R", programInR);
    const command = ["--r-command", "Rscript project/scripts/batch.R"];
    const { code, stdout } = await regenerate(...command);
    expect(code, stdout).to.equal(0);
    const doctor = await here.replot(["doctor", "all", ...command]);
    expect(doctor.stdout).to.include(`project/scripts/batch.R, in the working directory ${here.data}`);
  });
});
