/** Runs the measurements and prints them as a table; with `--keep` the table in bench/README.md is replaced. */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { loadCatalog } from "../runner/catalog/load.ts";
import { count, duration } from "../runner/format/format.ts";
import { expectedCounts } from "../runner/plan/expected.ts";
import { rEnvironment } from "../runner/render/engine.ts";
import { root } from "../runner/root.ts";
import { keep } from "./keep.ts";
import { take } from "./watch.ts";

const [directoryName = ".replot-bench", ...options] = process.argv.slice(2);
const preset = options.find((word) => !word.startsWith("--")) ?? "full";
const directory = resolve(directoryName);
const home = join(directory, "home");
const data = join(directory, "data");
const catalog = await loadCatalog(join(root, "catalog/ryan-white.yaml"));
const selection = catalog.presets.get(preset);
if (selection === undefined) throw new Error(`the catalog has no preset ${preset}`);
const plots = expectedCounts(catalog, selection).expected;

await rm(home, { recursive: true, force: true });
const regenerate = ["regenerate", preset, "--home", home, "--data", data];
const first = await take(regenerate, directory);
if (first.code !== 0) throw new Error(`the ${preset} run ended with ${first.code}`);
const second = await take(regenerate, directory);
const ggplotly = await compareWithGgplotly();

const rows: [what: string, limit: string, measured: string][] = [
  [`\`${preset}\`, ${count(plots)} plots: wall`, "12 min, goal 5", duration(first.wallSeconds)],
  ["both cores busy", "at least 90 %", `${(first.busy * 100).toFixed(1)} %`],
  ["runner: CPU per plot", "4 ms", `${((first.runnerSeconds / plots) * 1000).toFixed(2)} ms`],
  ["runner: largest memory", "300 MB", `${first.runnerMegabytes.toFixed(0)} MB`],
  ["R: CPU per plot", "", `${((first.rSeconds / plots) * 1000).toFixed(2)} ms`],
  ["R: largest memory of a worker", "1.5 GB", `${first.rMegabytes.toFixed(0)} MB`],
  [`second \`${preset}\`, nothing changed: wall`, "15 s, goal 5", duration(second.wallSeconds)],
  ["second run: largest memory of the runner", "300 MB", `${second.runnerMegabytes.toFixed(0)} MB`],
  ["R against ggplot2 + ggplotly + jsonlite, same plots", "30 times, goal 50", ggplotly],
];
const table = [
  `Measured ${new Date().toISOString().slice(0, 10)} on ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB.`,
  "",
  "| what | limit | measured |",
  "| --- | --- | --- |",
  ...rows.map((row) => `| ${row.join(" | ")} |`),
].join("\n");
process.stdout.write(`${table}\n`);
if (options.includes("--keep")) keep("measured", table);

/** `458 times (5.8 ms against 2,646 ms of CPU a plot, 48 plots)`, or why it could not be measured. */
async function compareWithGgplotly(): Promise<string> {
  const Side = z.object({ cpu_seconds_per_plot: z.number() });
  const Comparison = z.object({ plots: z.number(), ratio: z.number(), package: Side, ggplotly: Side });
  try {
    const script = join(root, "bench/ggplotly.R");
    const { stdout } = await promisify(execFile)("Rscript", [script, "--json", "--data", data], {
      env: rEnvironment(),
    });
    const compared = Comparison.parse(JSON.parse(stdout));
    const milliseconds = (side: z.infer<typeof Side>) => (side.cpu_seconds_per_plot * 1000).toPrecision(3);
    return (
      `${compared.ratio.toFixed(0)} times (${milliseconds(compared.package)} ms against ` +
      `${milliseconds(compared.ggplotly)} ms of CPU a plot, ${compared.plots} plots)`
    );
  } catch (error) {
    return `not measured: ${error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error)}`;
  }
}
