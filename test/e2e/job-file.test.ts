/** What R's own YAML reader makes of a job file. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { z } from "zod";
import type { Catalog } from "../../runner/catalog/catalog.ts";
import { parseCatalog } from "../../runner/catalog/load.ts";
import { resolveSelection } from "../../runner/catalog/select.ts";
import { expectedPlots } from "../../runner/plan/expected.ts";
import { jobFile } from "../../runner/plan/job.ts";

const execute = promisify(execFile);

const identifiers = [
  ...["1.10", "010", "1e3", "0x1F", "0b1", "0o17", "12", "1_000", "2.", "no", "yes", "on", "off", "y", "n", "true"],
  ...["null", "NULL", "NA", "NaN", "T", "TRUE", "Inf", "_", "1.e5", "0", "00", "b"],
];
const texts = [
  ...["1.10", "010", "1e3", "0x1F", "no", "yes", "2026-01-01", "2026-01-01 12:30:00", "null", "~", "12:30:15", "1,000"],
  ...[".inf", "-.INF", ".NaN", ".na", ".na.real", "=", "<<", "+1", "-0.0", "True", "1_000.5", "- a", "a: b", "# a"],
  ...[
    "&a",
    "*a",
    "!a",
    "%a",
    "@a",
    "`a",
    "[a]",
    "{a}",
    "? a",
    "a #b",
    "'a'",
    '"a"',
    "a\\b",
    "é",
    "Se\u0301",
    "😀",
    "°C",
  ],
];

const Read = z.object({
  jobs: z.array(z.object({ city: z.string(), scenarios: z.array(z.string()), facets: z.array(z.string()) })),
  catalog: z.object({
    cities: z.record(z.string(), z.string()),
    scenarios: z.record(z.string(), z.string()),
    dimensions: z.record(z.string(), z.array(z.string())),
    outcomes: z.record(z.string(), z.object({ name: z.string(), unit: z.string(), dimensions: z.array(z.string()) })),
  }),
});

function named(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(identifiers.map((id, place) => [id, names[place] ?? "x"]));
}

function byOrder([one]: [string, string], [other]: [string, string]): number {
  return identifiers.indexOf(one) - identifiers.indexOf(other);
}

describe("a job file read by R", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "replot-job-"));
  });
  after(async () => {
    await rm(directory, { recursive: true });
  });

  async function readByR(catalog: Catalog, locale: string): Promise<z.infer<typeof Read>> {
    const { selection } = resolveSelection(catalog, "all", { cities: ["010"] });
    const [city] = selection.cities;
    if (city === undefined) throw new Error("the catalog has no city");
    const file = join(directory, "job.yaml");
    await writeFile(file, jobFile(catalog, expectedPlots(catalog, selection, city)));
    const script = [
      "json <- jsonlite::toJSON(yaml::read_yaml(commandArgs(TRUE)), auto_unbox = TRUE, digits = NA)",
      "writeLines(enc2utf8(json), useBytes = TRUE)",
    ].join("\n");
    const { stdout } = await execute("Rscript", ["-e", script, file], { env: { ...process.env, LC_ALL: locale } });
    return Read.parse(JSON.parse(stdout));
  }

  const written = stringify({
    model: "1.0",
    cities: identifiers.map((code, place) => ({ code, name: texts[place] ?? "x" })),
    // an object would put what looks like a whole number first
    scenarios: new Map(Object.entries(named(texts.toReversed())).toSorted(byOrder)),
    dimensions: { "1.10": texts, no: ["~", "null", "no"] },
    outcomes: { "1e3": { name: "2026-01-01", unit: "~", kind: "count", dimensions: ["no", "1.10"] } },
    statistics: { mean: "Mean" },
    limits: { points: 1000, bytes: 1000 },
    presets: { all: { cities: "all", scenarios: "all", outcomes: "all", statistics: "all", facets: "all" } },
  });
  const catalog = parseCatalog(written, "c.yaml");

  it("holds identifiers and names as they were written", async () => {
    const read = await readByR(catalog, "C.UTF-8");
    expect(read.jobs.map(({ city }) => city)).to.deep.equal(["010"]);
    expect(read.jobs[0]?.scenarios).to.deep.equal(identifiers);
    expect(read.jobs[0]?.facets).to.deep.equal(["none", "1.10", "no", "1.10+no"]);
    expect(read.catalog.cities).to.deep.equal({ "010": texts[1] });
    expect(read.catalog.scenarios).to.deep.equal(named(texts.toReversed()));
    expect(read.catalog.dimensions).to.deep.equal({ "1.10": texts, no: ["~", "null", "no"] });
    expect(read.catalog.outcomes).to.deep.equal({
      "1e3": { name: "2026-01-01", unit: "~", dimensions: ["no", "1.10"] },
    });
  });

  it("holds the same in the C locale, but for letters beyond U+FFFF", async () => {
    const plain = parseCatalog(written.replaceAll("😀", ":-)"), "c.yaml");
    expect(await readByR(plain, "C")).to.deep.equal(await readByR(plain, "C.UTF-8"));
  });
});
