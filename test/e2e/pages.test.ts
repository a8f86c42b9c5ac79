/** Pages beside plots, for a program that writes none. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { Summary } from "../../runner/report/summary.ts";
import { type Installation, install } from "../support/installation.ts";

const catalog = `model: m
cities: [{ code: A, name: Alpha }]
scenarios: { s: Scen }
dimensions: {}
outcomes: { o: { name: Outcome one, unit: u, kind: count, dimensions: [] }, p: { name: Outcome two, unit: u, kind: count, dimensions: [] } }
statistics: { mean: Mean }
limits: { points: 100, bytes: 100000 }
presets:
  all: { cities: all, scenarios: all, outcomes: all, statistics: all, facets: all }
`;

const program = `while [ $# -gt 0 ]; do case $1 in --output-dir) output=$2 ;; esac; shift; done
mkdir -p "$output/A/s"
for outcome in o p; do
  printf '{"data":[{"name":"Baseline","y":[1]},{"name":"Scen","y":[2]}],"layout":{"title":"%s"}}' $outcome \\
    >"$output/A/s/\${outcome}_mean_unfaceted.json"
done
`;

describe("pages of a program that writes none", () => {
  let directory: string;
  let here: Installation;
  let command: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "replot-pages-"));
    const data = join(directory, "data");
    await mkdir(join(data, "simulations/m/base"), { recursive: true });
    await mkdir(join(data, "simulations/m/prerun/A"), { recursive: true });
    await writeFile(join(data, "simulations/m/base/A_base.Rdata"), "x");
    await writeFile(join(data, "simulations/m/prerun/A/s.Rdata"), "y");
    await writeFile(join(directory, "c.yaml"), catalog);
    await writeFile(join(directory, "program.sh"), program);
    command = JSON.stringify(["sh", join(directory, "program.sh")]);
    here = await install({ catalog: join(directory, "c.yaml"), data, environment: {} });
  });
  after(async () => {
    await here.remove();
    await rm(directory, { recursive: true });
  });

  const regenerate = (...options: string[]) => here.replot(["regenerate", "all", "--r-command", command, ...options]);
  async function firstPage(stdout: string): Promise<string> {
    const path = /2 pages beside the plots, the first: (\S+\.html)/.exec(stdout)?.[1];
    if (path === undefined) throw new Error(`no place of pages in:\n${stdout}`);
    return path;
  }

  it("are none where nobody asks", async () => {
    const { code, stdout, stderr } = await regenerate();
    expect(code, stderr).to.equal(0);
    expect(stdout).not.to.include("page");
  });

  it("are made for current plots without drawing them again, and the report says where they are", async () => {
    const { code, stdout } = await regenerate("--html");
    expect(code).to.equal(0);
    expect(stdout).to.include("nothing changed");
    const page = await firstPage(stdout);
    expect(await readFile(page, "utf8"))
      .to.include('"title":"o"')
      .and.to.include('src="../../plotly.min.js"');
    expect((await stat(join(page, "../../../plotly.min.js"))).size).to.be.above(1_000_000);
  });

  it("become self-contained where that is asked for, and are then left as they are", async () => {
    const { code, stdout } = await regenerate("--self-contained");
    expect(code).to.equal(0);
    const page = await firstPage(stdout);
    const { size, mtimeMs } = await stat(page);
    expect(size).to.be.above(1_000_000);
    const again = await regenerate("--html", "--json");
    expect(Summary.parse(JSON.parse(again.stdout)).cities[0]?.pages).to.include({ plots: 2 });
    expect((await stat(page)).mtimeMs).to.equal(mtimeMs);
  });

  it("are no part of the run's success: a figure that is gone costs its page, and the report says so", async () => {
    const { rows } = await here.state();
    const [row] = rows;
    const figure = join(here.home, "objects", row?.s3_key ?? "");
    await rm(figure);
    await rm(figure.replace(/\.json$/, ".html"));
    const { code, stdout } = await regenerate("--html");
    expect(code).to.equal(0);
    expect(stdout).to.include("1 plot without a page: the figure is no longer in the store");
    expect(stdout).to.include("1 page beside the plots");
  });
});
