import { expect } from "chai";
import { describe, it } from "mocha";
import { endOfTask, type StoppedTask } from "../../runner/deployment/task-end.ts";

const exited = "Essential container in task exited";

describe("how a task ended", () => {
  const cases: readonly (readonly [
    string,
    StoppedTask,
    kind: string,
    exitCode: number | undefined,
    expected: RegExp,
  ])[] = [
    [
      "by itself",
      { stopCode: "EssentialContainerExited", stoppedReason: exited, containers: [{ name: "runner", exitCode: 1 }] },
      "exited",
      1,
      /^the runner ended with exit code 1$/,
    ],
    [
      "with exit code 0 and for memory",
      {
        stopCode: "EssentialContainerExited",
        stoppedReason: exited,
        containers: [
          { name: "r", exitCode: 0 },
          { name: "runner", exitCode: 0, reason: "OutOfMemoryError: Container killed due to memory usage" },
        ],
      },
      "memory",
      0,
      /killed for memory.*more memory/,
    ],
    [
      "with R's container killed for memory",
      {
        stopCode: "EssentialContainerExited",
        stoppedReason: exited,
        containers: [
          { name: "r", exitCode: 137, reason: "OutOfMemoryError: container killed due to memory usage" },
          { name: "runner", exitCode: 1 },
        ],
      },
      "exited",
      1,
      /exit code 1; R's container was killed for memory/,
    ],
    [
      "without any container",
      {
        stopCode: "TaskFailedToStart",
        stoppedReason: "Timeout waiting for network interface provisioning to complete.",
      },
      "not started",
      undefined,
      /never started: Timeout waiting for network interface.*subnets/,
    ],
    [
      "for want of capacity",
      {
        stopCode: "TaskFailedToStart",
        stoppedReason:
          "Capacity is unavailable at this time. Please try again later or in a different availability zone",
        containers: [],
      },
      "capacity",
      undefined,
      /never started: Capacity is unavailable.*without Spot/,
    ],
    [
      "because an image can't be pulled, as a container says",
      {
        stopCode: "TaskFailedToStart",
        stoppedReason: "Task failed to start",
        containers: [{ name: "r", reason: "CannotPullContainerError: manifest unknown" }, { name: "runner" }],
      },
      "image",
      undefined,
      /never started: Task failed to start; r: CannotPullContainerError: manifest unknown.*doctor/,
    ],
    [
      "when Spot took it back and the runner wrote down how far it came",
      {
        stopCode: "SpotInterruption",
        stoppedReason: "Your Spot Task was interrupted.",
        containers: [{ name: "runner", exitCode: 143 }],
      },
      "exited",
      143,
      /^AWS reclaimed the Spot capacity \(Your Spot Task was interrupted\); the runner ended with exit code 143$/,
    ],
    [
      "by hand, after the run was over",
      { stopCode: "UserInitiated", stoppedReason: "enough", containers: [{ name: "runner", exitCode: 0 }] },
      "exited",
      0,
      /^the runner ended with exit code 0$/,
    ],
    [
      "by hand, before it had begun",
      { stopCode: "UserInitiated", stoppedReason: "enough", containers: [{ name: "runner" }, { name: "r" }] },
      "unknown",
      undefined,
      /stopped before the runner had begun: it was stopped by hand \(enough\)/,
    ],
    [
      "killed since it did not end in time",
      { stopCode: "UserInitiated", stoppedReason: "enough", containers: [{ name: "runner", exitCode: 137 }] },
      "killed",
      137,
      /by hand \(enough\); the runner did not end by itself.*100 s/,
    ],
    [
      "at its longest life",
      { stopCode: "EssentialContainerExited", containers: [{ name: "runner", exitCode: 124 }] },
      "lifetime",
      124,
      /longest life/,
    ],
    ["without a word", {}, "not started", undefined, /the service gives no reason/],
  ];
  for (const [title, task, kind, exitCode, expected] of cases) {
    it(title, () => {
      const end = endOfTask(task);
      expect(end).to.include({ kind, exitCode });
      expect([end.what, end.remedy].filter((text) => text !== undefined).join(" -> ")).to.match(expected);
    });
  }
});
