import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { diagnose } from "../../runner/watchdog/diagnosis.ts";
import { readEvent, type StoppedTask } from "../../runner/watchdog/events.ts";
import { root } from "../support/installation.ts";
import { runId } from "../support/samples.ts";
import { exits, type Stopped, stopped } from "./events.ts";

function taskOf(changes: Stopped): StoppedTask {
  const incoming = readEvent(stopped(changes));
  if (incoming.kind !== "stopped") throw new Error(incoming.kind);
  return incoming.task;
}

const why = (changes: Stopped, lock?: { run: ReturnType<typeof runId>; owner: string; since: string }) =>
  diagnose(taskOf(changes), { maxRunSeconds: 4 * 3600, lock });

const runbook = readFileSync(join(root, "docs/runbook.md"), "utf8");

const longEnough = { startedAt: "2026-11-22T05:00:00.000Z", stoppedAt: "2026-11-22T09:05:00.000Z" };

describe("why a task stopped", () => {
  const cases: readonly (readonly [string, Stopped, string])[] = [
    [
      "memory, reported as exit 0",
      {
        containers: [{ name: "runner", exitCode: 0, reason: "OutOfMemoryError: Container killed due to memory usage" }],
      },
      "the runner was killed for memory",
    ],
    [
      "no containers at all",
      { stopCode: "TaskFailedToStart", stoppedReason: "Unexpected EC2 error", containers: [], startedAt: undefined },
      "the task never started",
    ],
    [
      "an image that can't be pulled",
      {
        stopCode: "TaskFailedToStart",
        stoppedReason: "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found",
        containers: [{ name: "runner" }, { name: "r" }],
        startedAt: undefined,
      },
      "the image could not be pulled",
    ],
    [
      "an image that can't be pulled, said of a container",
      { stopCode: "TaskFailedToStart", containers: [{ name: "r", reason: "CannotPullContainerError: 403 Forbidden" }] },
      "the image could not be pulled",
    ],
    [
      "a secret that isn't there",
      {
        stopCode: "TaskFailedToStart",
        stoppedReason: "ResourceInitializationError: unable to pull secrets or registry auth",
        containers: [{ name: "runner" }],
      },
      "the task never started",
    ],
    [
      "no capacity",
      { stopCode: "TaskFailedToStart", stoppedReason: "Capacity is unavailable at this time.", containers: [] },
      "AWS had no capacity for the task",
    ],
    [
      "Spot taken back",
      { stopCode: "SpotInterruption", stoppedReason: "Your Spot Task was interrupted.", containers: exits(137, 137) },
      "AWS reclaimed the Spot capacity",
    ],
    [
      "Spot taken back without an exit code",
      {
        stopCode: "SpotInterruption",
        stoppedReason: "Your Spot Task was interrupted.",
        containers: [{ name: "runner" }],
      },
      "AWS reclaimed the Spot capacity",
    ],
    ["a hang", { ...longEnough, containers: exits(137) }, "the runner hung"],
    ["a kill from outside", { containers: exits(137) }, "the runner was killed"],
    ["its longest life", { ...longEnough, containers: exits(124) }, "the run took too long"],
    ["the operator", { stopCode: "UserInitiated", containers: exits(143) }, "the task was stopped by hand"],
    ["a signal", { containers: exits(143) }, "the task was stopped"],
    ["the lock", { containers: exits(4) }, "another run held the lock"],
    ["the request", { containers: exits(2) }, "the request was wrong"],
    ["no permission", { containers: exits(3) }, "the runner could not work or report"],
    ["another image", { containers: exits(127) }, "the runner's program was not found"],
    ["a bug", { containers: exits(70) }, "the runner ended with exit 70"],
  ];
  for (const [name, event, headline] of cases) {
    it(`is explained: ${name}`, () => {
      expect(why(event).headline).to.equal(headline);
      expect(runbook, "in the runbook").to.include(`: ${headline.replace(/exit \d+/, "exit N")}`);
    });
  }

  it("names who held the lock", () => {
    const lock = { run: runId(7), owner: "arn:other", since: "2026-11-22T08:00:00Z" };
    expect(why({ containers: exits(4) }, lock).what)
      .to.include(`${runId(7)} held the lock`)
      .and.include("arn:other");
  });

  it("includes that R was killed for memory", () => {
    const containers = [
      { name: "runner", exitCode: 3 },
      { name: "r", exitCode: 0, reason: "OutOfMemoryError: Container killed due to memory usage" },
    ];
    expect(why({ containers })).to.deep.include({ headline: "the runner could not work or report" });
    expect(why({ containers }).what).to.include("R's container was killed for memory");
  });
});

describe("events of the watchdog", () => {
  it("are read although optional fields have another form", () => {
    const event = JSON.parse(JSON.stringify(stopped({ containers: exits(3) })));
    Object.assign(event.detail, { createdAt: 1448049730, stoppedAt: null, overrides: { containerOverrides: "none" } });
    const incoming = readEvent(event);
    expect(incoming).to.deep.nested.include({ "task.command": [], "task.stoppedAt": event.time });
    expect(incoming).to.nested.include({ "task.containers[0].exitCode": 3, "task.createdAt": undefined });
  });

  const events: readonly (readonly [string, unknown, string])[] = [
    ["nothing", null, "an unknown event"],
    ["text", "hello", "an unknown event"],
    ["another service's event", { source: "aws.s3", "detail-type": "Object Created" }, '"Object Created" of aws.s3'],
    ["a task that runs", JSON.parse(JSON.stringify(stopped()).replaceAll("STOPPED", "RUNNING")), "lastStatus"],
    ["records of another queue", { Records: [{ eventSource: "aws:s3", messageId: "1" }] }, "eventSource"],
    ["an empty batch", { Records: [] }, "Records"],
  ];
  for (const [name, event, named] of events) {
    it(`are refused by name: ${name}`, () => expect(() => readEvent(event)).to.throw(named));
  }
});
