/** docs/program.md: its examples are run as they stand. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { parseCatalog } from "../../runner/catalog/load.ts";
import { resolveSelection } from "../../runner/catalog/select.ts";
import { judgeContract } from "../../runner/contract/rules.ts";
import { smallestOf } from "../../runner/contract/smallest-job.ts";
import { expectedPlots } from "../../runner/plan/expected.ts";
import { jobFile } from "../../runner/plan/job.ts";
import { followEvents } from "../../runner/render/attempt/discovery.ts";
import { root, startProgram } from "../support/command.ts";
import { pageExamples } from "../support/page-examples.ts";
import { observed } from "../unit/contract/observed.ts";

const execute = promisify(execFile);
const simulate = `
save_stock <- function(file, shift) {
  dir.create(dirname(file), recursive = TRUE, showWarnings = FALSE)
  stock <- data.frame(year = rep(2025:2026, each = 2), species = c("trout", "eel"), value = c(10, 4, 9, 3) + shift)
  save(stock, file = file)
}
save_stock("simulations/rivers/base/R.1_base.Rdata", 0)
save_stock("simulations/rivers/prerun/R.1/dry.Rdata", -2)
`;

describe("docs/program.md", () => {
  let directory: string;
  let data: string;
  let example: (name: string) => string;

  before(async () => {
    example = await pageExamples("program.md");
    directory = await mkdtemp(join(tmpdir(), "replot-page-"));
    data = join(directory, "data");
    await mkdir(data);
    await execute("Rscript", ["-e", simulate], { cwd: data });
    for (const name of ["catalog.yaml", "draw.R", "job.yaml"]) await writeFile(join(directory, name), example(name));
  });
  after(() => rm(directory, { recursive: true }));

  function plots() {
    const catalog = parseCatalog(example("catalog.yaml"), "catalog.yaml");
    const { selection } = resolveSelection(catalog, "all");
    return { catalog, plots: selection.cities.flatMap((city) => expectedPlots(catalog, selection, city)) };
  }

  it("shows the job file that the example catalog leads to", () => {
    const { catalog, plots: asked } = plots();
    expect(example("job.yaml")).to.equal(jobFile(catalog, asked));
  });

  it("shows the figure and the metadata that the example program writes for the example job", async () => {
    const output = join(directory, "output");
    const words = [join(directory, "draw.R"), "--config", join(directory, "job.yaml"), "--output-dir", output];
    await execute("Rscript", words, { cwd: data });
    for (const name of ["stock_mean_facet_species.json", "stock_mean_facet_species_metadata.json"]) {
      const written = await readFile(join(output, "R.1", "dry", name), "utf8");
      expect(JSON.parse(written), name).to.deep.equal(JSON.parse(example(name)));
    }
  });

  it("has an example program that keeps to every rule", async () => {
    const words = ["--catalog", "catalog.yaml", "--data", "data", "--r-command", "Rscript draw.R"];
    const { code, stdout, stderr } = await startProgram(["check", ...words], {}, directory).ended;
    expect(code, `${stdout}${stderr}`).to.equal(0);
    expect(stdout)
      .to.include("\nPublishable.\n")
      .and.to.match(/Events +not claimed/);
  });

  it("shows an event that the runner understands", async () => {
    const { plots: asked } = plots();
    const output = join(directory, "output");
    await writeFile(join(directory, "events"), example("events"));
    const events = followEvents(join(directory, "events"), output, asked);
    expect(await events.look()).to.have.length(1);
    expect(events.garbage).to.equal(0);
  });

  it("names every rule that the check goes through, in the same order", async () => {
    const { catalog, plots: asked } = plots();
    const page = await readFile(join(root, "docs/program.md"), "utf8");
    const table = page.slice(page.indexOf("## The rules"));
    const named = [...table.matchAll(/^\| (?!rule \||---)([^|]+?) \|/gm)].map(([, rule]) => rule);
    expect(judgeContract(observed(smallestOf(catalog, asked))).map(({ rule }) => rule)).to.deep.equal(named);
  });
});
