/** The command line and a deployed stack of the weather model, both of one test's own. */
import { afterEach, beforeEach } from "mocha";
import type { Play } from "../support/fargate.ts";
import { type Installation, weatherInstallation } from "../support/installation.ts";
import type { Moto } from "../support/moto.ts";
import { fargateMetadata } from "../support/task-endpoint.ts";
import { startWeatherTask } from "../support/weather-task.ts";
import { type DeployedStack, stacks } from "./stack.ts";

/** Registers set-up and clean-up; call it inside `describeWithMoto`. @param inputs whether they are in the stack already */
export function weatherStack(moto: Moto, inputs: "uploaded" | "here alone" = "uploaded") {
  const { stack: deploy, fargate, proxied, replot } = stacks(moto);
  let here: Installation;
  let stack: DeployedStack;

  beforeEach(async () => {
    here = await weatherInstallation();
    stack = await deploy();
    if (inputs === "uploaded") await stack.upload(here.data);
  });
  afterEach(() => here.remove());

  return {
    fargate,
    proxied,
    replot,
    get here() {
      return here;
    },
    get stack() {
      return stack;
    },
    /** The task that Fargate is to play. @param habits of its program */
    runner:
      (habits = ""): Play =>
      ({ arn, command, environment }) => {
        const metadata = fargateMetadata(arn);
        return startWeatherTask(here, { stack, endpoint: moto.endpoint, command, environment, metadata }, habits);
      },
  };
}
