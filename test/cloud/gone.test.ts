/** A runner that is gone half way: the watchdog says how far the run came, once, when its lease has run out. */
import { expect } from "chai";
import { describe, it } from "mocha";
import { openWatchdogDependencies } from "../../runner/watchdog/dependencies.ts";
import { readEvent } from "../../runner/watchdog/events.ts";
import { readWatchdogSettings } from "../../runner/watchdog/settings.ts";
import { watch } from "../../runner/watchdog/watch.ts";
import { describeWithMoto } from "../support/moto.ts";
import { childrenOf, isPending, isStopped } from "../support/processes.ts";
import type { TestTask } from "../support/task.ts";
import { until } from "../support/until.ts";
import { untilGate } from "../support/weather-task.ts";
import { weatherStage } from "./weather.ts";

/** What becomes of the runner, a process below the task's entry point. */
type Trouble = (runner: number, task: TestTask) => void | Promise<void>;

const killed: Trouble = (runner) => {
  process.kill(runner, "SIGKILL");
};

/** The entry point's clock rings when the longest life is over, and again when the runner has not ended by then. */
const hung: Trouble = async (runner, task) => {
  process.kill(runner, "SIGSTOP");
  await until("the runner to stand still", () => isStopped(runner));
  task.process.kill("SIGALRM");
  await until("the runner to be told to end", () => isPending("SIGTERM", runner));
  task.process.kill("SIGALRM");
};

describeWithMoto("a runner", (moto) => {
  for (const [how, trouble] of [
    ["that was killed half way", killed],
    ["that hung until its longest life was over", hung],
  ] as const) {
    describe(how, () => {
      // the lease of the one would be in the other's way
      const own = weatherStage(moto);

      it("is told of by the watchdog, with how far the run came", async function () {
        this.timeout(120_000);
        const { here, stage } = own;
        const command = ["regenerate", "all"];
        const task = await stage.start(await stage.proxy(), command, {
          rEnvironment: { FOREIGN_HABITS: "S.1:gate", FOREIGN_MARKS: here.marks },
        });
        await untilGate(here, task, () => stage.state());
        const [runner = Number.NaN] = childrenOf(task.process.pid ?? Number.NaN);
        await trouble(runner, task);
        const result = await task.ended;
        const event = readEvent(await stage.ended(task, result, command));

        // the clock stands for the lease: the first look finds it held, and the later ones after it has run out
        let clock = Date.now();
        const settings = readWatchdogSettings(stage.deployed.environments.watchdog);
        const world = {
          ...openWatchdogDependencies(settings, { endpoint: moto.endpoint, now: () => clock }),
          pause: async (milliseconds: number) => {
            clock += milliseconds;
          },
        };
        await watch(event, world);
        await watch(event, world);
        const [email, ...others] = await stage.stack.emails();
        expect(others).to.deep.equal([]);
        expect(email?.subject).to.include("the runner was killed");
        expect(email?.body)
          .to.include("2 of 3 cities; 64 of 96 plots in place. Not finished: S.1.")
          .and.include(`replot start all --city S.1 --stack ${settings.stack}`);
      });
    });
  }
});
