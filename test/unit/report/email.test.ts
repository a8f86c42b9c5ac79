import { expect } from "chai";
import { describe, it } from "mocha";
import { CityCode, RunId } from "../../../runner/domain.ts";
import type { CityRecord, RunRecord } from "../../../runner/records.ts";
import { composeEmail, type EmailOptions, isWorthAnEmail } from "../../../runner/report/email.ts";
import { addCounts, type Summary } from "../../../runner/report/summary.ts";
import { sha256Of } from "../../support/plots.ts";

const run = RunId.parse("2026-11-22T090000Z-full");
const lastWeek = RunId.parse("2026-11-15T090000Z-full");
const options: EmailOptions = {
  startCommand: "start",
  commandArguments: "",
  stateArguments: "",
  location: (key) => `https://plots.example/${key}`,
};

function city(code: string, changes: Partial<CityRecord> = {}): CityRecord {
  const counts = { expected: 1818, changed: 400, unchanged: 1418, skipped: 0, missing: 0 };
  const why = "inputs changed: cessation.Rdata";
  return {
    run,
    city: CityCode.parse(code),
    state: "published",
    counts,
    attempts: [],
    seconds: 20,
    why,
    remarks: [],
    ...changes,
  };
}

const failed = city("C.12580", {
  state: "failed",
  counts: { expected: 1818, changed: 0, unchanged: 0, skipped: 0, missing: 1818 },
  attempts: [1, 2, 3].map((number) => ({ number, seconds: 5, end: "R was killed", plots: 0 })),
  reason: "R was killed for memory (exit 137)",
  missing: "all",
  kept: { plots: 1818, run: lastWeek },
  lastLines: ["[2026-11-22 09:01:00] INFO: loading"],
  log: `runs/${run}/logs/C.12580.log`,
});
const partial = city("C.33100", {
  state: "partial",
  counts: { expected: 1818, changed: 1600, unchanged: 0, skipped: 0, missing: 218 },
  reason: "R reported errors",
  missing: "suppression x race+risk (all statistics)",
});

function summary(cities: CityRecord[], changes: Partial<RunRecord> = {}): Summary {
  return {
    run: {
      id: run,
      request: { preset: "full", only: {}, force: false, html: false },
      trigger: "schedule",
      started: "2026-11-22T09:00:00.000Z",
      ended: "2026-11-22T09:41:00.000Z",
      state: cities.some(({ state }) => state !== "published" && state !== "skipped") ? "incomplete" : "complete",
      counts: addCounts(cities.map(({ counts }) => counts)),
      notApplicable: 198,
      workers: 2,
      image: "r@sha256:4f2c",
      version: "1.0.0",
      task: "host:1",
      ...changes,
    },
    cities,
    names: { "C.12580": "Baltimore", "C.33100": "Miami", "C.12060": "Atlanta" },
    inputs: [{ path: "simulations/x.Rdata", bytes: 3.58e9, sha256: sha256Of("a") }],
    remarks: [],
    previous: lastWeek,
  };
}

describe("the e-mail", () => {
  it("begins with what failed, why, what stays in place, and the log", () => {
    const { subject, body } = composeEmail(summary([city("C.12060"), failed, partial]), options);
    expect(subject).to.equal("[replot] 2 of 3 cities need attention, 3,418 of 5,454 plots (full, scheduled)");
    const lines = body.split("\n").map((line) => line.trim());
    expect(lines[0]).to.match(/^C\.12580 Baltimore +failed +R was killed for memory \(exit 137\), 3 attempts$/);
    expect(lines[1]).to.equal("0 of 1,818 plots; 1,818 missing: all");
    expect(lines[2]).to.equal("the plots of 2026-11-15 stay in place");
    expect(lines[3]).to.equal("| [2026-11-22 09:01:00] INFO: loading");
    expect(lines[4]).to.equal(`log: https://plots.example/runs/${run}/logs/C.12580.log`);
    expect(body).to.include("218 missing: suppression x race+risk (all statistics)");
    expect(body).to.include("there were no earlier plots of these");
    expect(body).to.include("1 city complete. Plots: 2,000 new or changed, 1,418 unchanged.");
    expect(body).to.include("Ran because: inputs changed: cessation.Rdata (C.12060, C.12580, C.33100).");
    expect(body).to.include("took 41 min");
    expect(body).to.include("inputs: 3 cities, 1 file, 3.58 GB");
  });

  it("names commands that do what is missing, for just these cities and this selection", () => {
    const { body } = composeEmail(summary([city("C.12060"), failed, partial]), options);
    expect(body).to.include("replot start full --city C.12580 --city C.33100\n");
    expect(body).to.include(`replot rollback ${lastWeek}\n`);
    const request = { preset: "full", only: { cities: [failed.city, partial.city] }, force: false, html: false };
    const all = composeEmail(summary([failed, partial], { request }), options);
    expect(all.body).to.include("replot start full --city C.12580 --city C.33100\n");
    const local = composeEmail(summary([failed, partial]), { ...options, startCommand: "regenerate" });
    expect(local.body).to.include(`replot regenerate --resume ${run}\n`);
  });

  it("says so in the subject when nothing is wrong, and offers no retry", () => {
    const { subject, body } = composeEmail(summary([city("C.12060")]), options);
    expect(subject).to.equal("[replot] complete: 1 city, 1,818 of 1,818 plots, 400 new or changed (full, scheduled)");
    expect(body).not.to.include("Do what is missing");
  });

  it("says what the run cost, that the price of Spot floats, and how many calls were repeated", () => {
    const onSpot = composeEmail(
      summary([city("C.12060")], { cost: 0.2149, capacity: "FARGATE_SPOT", repeated: 1234 }),
      options,
    );
    expect(onSpot.body).to.include("about $0.21 (Spot, whose price floats)");
    expect(onSpot.body).to.include("1,234 calls to AWS repeated.");
    const plain = composeEmail(summary([city("C.12060")], { cost: 0.61, capacity: "FARGATE" }), options);
    expect(plain.body).to.include("about $0.61   replot").and.not.include("repeated");
  });

  it("is left out for a run without any finding where nobody wants those", () => {
    const quiet = { ...options, successes: false };
    expect(isWorthAnEmail(summary([city("C.12060")]), quiet)).to.equal(false);
    expect(isWorthAnEmail({ ...summary([city("C.12060")]), remarks: ["Old plots were not removed"] }, quiet)).to.equal(
      true,
    );
    expect(isWorthAnEmail(summary([city("C.12060"), failed]), quiet)).to.equal(true);
    expect(isWorthAnEmail(summary([city("C.12060")]), options)).to.equal(true);
  });

  it("of an interrupted run names the cities that are not finished and how to go on", () => {
    const undone = city("C.33100", { state: "pending", counts: { ...partial.counts, changed: 0, missing: 1818 } });
    const { subject, body } = composeEmail(
      summary([city("C.12060"), undone], { state: "interrupted", error: "stopped by SIGTERM" }),
      { ...options, startCommand: "regenerate", commandArguments: " --home elsewhere" },
    );
    expect(subject).to.include("interrupted with 1 of 2 cities undone");
    expect(body).to.include("The run was interrupted: stopped by SIGTERM");
    expect(body).to.include("Not finished: C.33100 Miami");
    expect(body).to.include(`replot regenerate --resume ${run} --home elsewhere\n`);
  });

  it("of a run that was interrupted while it planned says so, and asks for all of it again", () => {
    const { subject, body } = composeEmail(summary([], { state: "interrupted", error: "stopped by SIGTERM" }), options);
    expect(subject).to.equal("[replot] interrupted before any city was planned (full, scheduled)");
    expect(body).to.include("Do what is missing:   replot start full\n");
  });

  it("has an ASCII subject under 100 characters and a body that mail systems take", () => {
    const many = Array.from({ length: 2000 }, () => ({ ...failed, reason: `é${"x".repeat(200)}` }));
    const { subject, body } = composeEmail(
      summary(many, { state: "failed", error: `Größe ${"y".repeat(200)}` }),
      options,
    );
    expect(subject).to.match(/^[\x20-\x7e]{1,99}$/);
    expect(Buffer.byteLength(body)).to.be.below(200_000);
    expect(body).to.include("summary.json");
  });
});
