import { expect } from "chai";
import { describe, it } from "mocha";
import { isPublishable, type RuleResult } from "../../../runner/contract/rule.ts";
import { judgeContract } from "../../../runner/contract/rules.ts";
import { plotId } from "../../support/plots.ts";
import { drawn, observed, trial } from "./observed.ts";

const whole = plotId({ facet: "none" });
const byAge = plotId({ facet: "age" });
const asked = [whole, byAge];

function ruleOf(name: string, results: readonly RuleResult[]): RuleResult {
  const result = results.find(({ rule }) => rule === name);
  if (result === undefined) throw new Error(`no rule ${name}`);
  return result;
}

function judge(changes: Parameters<typeof observed>[1] = {}) {
  const results = judgeContract(observed(asked, changes));
  return { results, publishable: isPublishable(results), of: (name: string) => ruleOf(name, results) };
}

describe("replot check", () => {
  it("finds nothing to change in a program that keeps to the contract", () => {
    const { results, publishable } = judge();
    expect(publishable).to.equal(true);
    expect(results.filter(({ state }) => state !== "right").map(({ rule }) => rule)).to.deep.equal(["Events"]);
  });

  it("refuses a program whose figures are not where they belong, and names what it wrote instead", () => {
    const { of, publishable, results } = judge({
      first: trial(asked, { missing: asked, finished: [], extras: ["plots/a.json"] }, []),
      others: undefined,
    });
    expect(publishable).to.equal(false);
    expect(of("Files").detail).to.include("2 of 2 figures not at").and.to.include("it wrote plots/a.json");
    expect(of("Exit code")).to.include({ state: "tolerated", mend: "exit with 1 where a plot could not be drawn" });
    for (const rule of ["JSON, UTF-8", "Metadata", "--dry-run", "Second run"]) {
      expect(of(rule).state, rule).to.equal("not checked");
    }
    for (const { state, mend, rule } of results) {
      expect(mend !== undefined, rule).to.equal(state === "tolerated" || state === "refused");
    }
  });

  it("counts exit 1 for missing plots as right, and a crash as refused, each with R's own error", () => {
    const end = (code: number) => {
      const log = ["Error in load(file) : empty (zero-byte) input file", "Execution halted"];
      const first = trial(asked, { end: { kind: "exited", code }, log, missing: [byAge], finished: [whole] }, [
        drawn(whole),
      ]);
      return judge({ first }).of("Exit code");
    };
    expect(end(1).state).to.equal("right");
    expect(end(2)).to.include({ state: "refused" });
    expect(end(2).detail).to.include("empty (zero-byte) input file");
  });

  it("names the rule that a figure breaks; rules before it are right, rules after it are not checked", () => {
    const judged = { valid: false, rule: "traces", reason: "the figure has no Baseline trace" } as const;
    const first = trial(
      asked,
      {},
      asked.map((plot) => drawn(plot, { judged, sha256: undefined })),
    );
    const { of } = judge({ first });
    expect(of("JSON, UTF-8").state).to.equal("right");
    expect(of("Traces").state).to.equal("refused");
    expect(of("Traces").detail).to.include("has no Baseline trace");
    expect(of("Panels").state).to.equal("not checked");
    expect(of("Second run").state).to.equal("not checked");
  });

  it("names habits that it tolerates with the rule that they depart from", () => {
    const judged = {
      valid: true,
      figure: Buffer.from("{}"),
      html: undefined,
      quirks: ["pretty-printed", "metadata file missing"],
    } as const;
    const { of, publishable } = judge({
      first: trial(
        asked,
        {},
        asked.map((plot) => drawn(plot, { judged })),
      ),
    });
    expect(publishable).to.equal(true);
    expect(of("JSON, UTF-8")).to.include({ state: "tolerated", detail: "pretty-printed" });
    expect(of("Metadata")).to.include({ state: "tolerated", detail: "metadata file missing" });
  });

  it("expects an event for each plot where the program claims to tell of them", () => {
    const { of } = judge({ events: true, first: trial(asked, { announced: [whole] }) });
    expect(of("Events")).to.include({ state: "tolerated", detail: "events told of 1 of 2 plots" });
    expect(judge({ events: true, first: trial(asked, { announced: asked }) }).of("Events").state).to.equal("right");
  });

  it("tolerates other bytes, extra files, a touched working directory, a free log and a failed dry run", () => {
    const { of, publishable } = judge({
      touched: ["Rplots.pdf"],
      first: trial(asked, { extras: ["notes.txt", "plotly.min.js"], log: ["hello"] }),
      others: {
        dryRun: trial([], { end: { kind: "exited", code: 2 } }),
        withPages: trial(asked),
        second: trial(asked, {}, [drawn(whole, { sha256: "other" }), drawn(byAge)]),
      },
    });
    expect(publishable).to.equal(true);
    for (const rule of ["Second run", "Extra files", "Working directory", "Log", "--dry-run"]) {
      expect(of(rule).state, rule).to.equal("tolerated");
    }
    expect(of("Extra files").detail).to.include("notes.txt").and.to.not.include("plotly");
    expect(of("Second run").detail).to.include("unfaceted").and.to.not.include("facet_age");
  });
});
