/** `replot check` with real programs: what it says of right, tolerated and refused ones, and its exit codes. */
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { z } from "zod";
import type { Installation } from "../support/installation.ts";
import { weatherInstallation } from "../support/installation.ts";
import { onePlotInstallation } from "../support/one-plot.ts";

const Report = z.object({
  publishable: z.boolean(),
  plots: z.array(z.string()),
  rules: z.array(z.object({ rule: z.string(), state: z.string(), detail: z.string() })),
  log: z.array(z.string()),
});

async function report(here: Installation, args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) {
  const { code, stdout, stderr } = await here.replot(["check", "--json", ...args], environment);
  if (stdout === "") throw new Error(stderr);
  const { rules, ...rest } = Report.parse(JSON.parse(stdout));
  return { code, ...rest, stateOf: (name: string) => rules.find(({ rule }) => rule === name)?.state, rules };
}

describe("replot check with a shell program", () => {
  let here: Installation;
  let scripts: string;
  beforeEach(async () => {
    here = await onePlotInstallation();
    scripts = await mkdtemp(join(tmpdir(), "replot-contract-"));
  });
  afterEach(async () => {
    await here.remove();
    await rm(scripts, { recursive: true });
  });

  /** @param figure as the program writes it @param more what it does besides */
  async function program(figure: string, more = ":"): Promise<readonly string[]> {
    const script = join(scripts, "draw.sh");
    const text = `while [ $# -gt 0 ]; do case $1 in --output-dir) out=$2 ;; --dry-run) exit 0 ;; esac; shift; done
mkdir -p "$out/A/s"
${more}
echo '${figure}' >"$out/A/s/o_mean_unfaceted.json"
echo '{"outcome":"o"}' >"$out/A/s/o_mean_unfaceted_metadata.json"
echo '[2026-11-22 09:00:00] INFO: drawn'
`;
    await writeFile(script, text);
    return ["--r-command", JSON.stringify(["sh", script])];
  }
  const good = '{"data":[{"name":"Baseline","y":[1]},{"name":"Scen","y":[2]}],"layout":{}}';

  it("that is right says so with exit 0, and makes no state directory", async () => {
    const { code, publishable, plots, rules } = await report(here, await program(good));
    expect(code).to.equal(0);
    expect(publishable).to.equal(true);
    expect(plots).to.deep.equal(["A/s/o_mean_unfaceted"]);
    const others = rules.filter(({ state }) => state !== "right" && state !== "not checked");
    expect(others).to.deep.equal([]);
    const made = await access(here.home).then(
      () => true,
      () => false,
    );
    expect(made).to.equal(false);
  });

  it("that writes elsewhere, in the working directory and something new each time is tolerated", async () => {
    const dated = good.replace('"layout":{}', () => '"layout":{"meta":"\'$$\'"}');
    const { code, stateOf } = await report(here, await program(dated, 'echo >"$out/notes.txt"; echo $$ >Rplots.pdf'));
    expect(code).to.equal(0);
    for (const rule of ["Extra files", "Working directory", "Second run"]) {
      expect(stateOf(rule), rule).to.equal("tolerated");
    }
  });

  it("whose figure lacks the baseline is refused with exit 1, and told how to mend it", async () => {
    const { code, stdout } = await here.replot(["check", ...(await program(good.replace("Baseline", "Base")))]);
    expect(code).to.equal(1);
    expect(stdout).to.match(/✗ Traces +refused: A\/s\/o_mean_unfaceted: the figure has no Baseline trace/);
    expect(stdout).to.include('-> name the traces "Baseline"');
    expect(stdout).to.include("Not publishable: 1 rule broken.");
  });

  it("that does not exist ends with exit 3, and a preset that does not exist with exit 2", async () => {
    expect((await here.replot(["check", "--r-command", "no-such-program"])).code).to.equal(3);
    expect((await here.replot(["check", "nothing"])).code).to.equal(2);
  });

  it("for which there are no simulation files ends with exit 3", async () => {
    await rm(join(here.data, "simulations"), { recursive: true });
    const { code, stderr } = await here.replot(["check"]);
    expect(code).to.equal(3);
    expect(stderr).to.include("no city has its simulation files in");
  });
});

describe("replot check with a program in R", () => {
  let here: Installation;
  beforeEach(async () => {
    here = await weatherInstallation();
  });
  afterEach(() => here.remove());

  it("asks for a plot without a facet and for a facet whose strata the catalog lists", async () => {
    const { code, plots, stateOf } = await report(here, ["--r-events"]);
    expect(code).to.equal(0);
    expect(plots).to.have.length(2);
    expect(plots[1]).to.match(/_facet_season$/);
    expect(stateOf("Events")).to.equal("right");
    expect(stateOf("Panels")).to.equal("right");
  });

  it("names its habits, and is publishable with them", async () => {
    const habits = { FOREIGN_HABITS: "na-strings,pretty,array-metadata,extra-keys,unasked" };
    const { code, stateOf } = await report(here, [], habits);
    expect(code).to.equal(0);
    for (const rule of ["JSON, UTF-8", "Metadata", "Extra files"]) expect(stateOf(rule), rule).to.equal("tolerated");
  });

  it("that crashes is refused with its own error and the end of its log", async () => {
    const { code, stateOf, log, rules } = await report(here, [], { FOREIGN_HABITS: "crash" });
    expect(code).to.equal(1);
    expect(stateOf("Files")).to.equal("refused");
    expect(rules[0]?.detail).to.include("the weather model fell over");
    expect(log.join("\n")).to.include("the weather model fell over");
  });

  it("that draws one outcome for another is refused by its metadata", async () => {
    const { code, stateOf } = await report(here, ["--outcome", "temperature"], { FOREIGN_HABITS: "wrong-outcome" });
    expect(code).to.equal(1);
    expect(stateOf("Metadata")).to.equal("refused");
  });
});
