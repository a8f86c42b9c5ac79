/** The two images: built and pushed, or taken ready-made. */
import * as aws from "@pulumi/aws";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { root } from "../runner/settings.ts";
import type { Stack } from "./stack.ts";

export class Images extends pulumi.ComponentResource {
  /** Pinned by digest. */
  readonly runner: pulumi.Output<string>;
  readonly r: pulumi.Output<string>;
  /** ARNs of the repositories that they come from. */
  readonly repositories: pulumi.Output<string[]>;

  constructor(stack: Stack) {
    super("replot:Images", "images");
    const { config, names, tags } = stack;
    const repository = (name: "runner" | "r") =>
      new aws.ecr.Repository(
        name,
        {
          name: name === "runner" ? names.runnerRepository : names.rRepository,
          imageTagMutability: "IMMUTABLE",
          imageScanningConfiguration: { scanOnPush: true },
          forceDelete: !config.protectData,
          tags,
        },
        { parent: this },
      );
    const built = (name: "runner" | "r", from: aws.ecr.Repository, location: string) =>
      pulumi.interpolate`${from.repositoryUrl}@${
        new dockerBuild.Image(
          name,
          {
            context: { location },
            platforms: ["linux/amd64"],
            push: true,
            tags: [pulumi.interpolate`${from.repositoryUrl}:latest`],
          },
          { parent: this },
        ).digest
      }`;
    const [runner, r] = [repository("runner"), repository("r")];
    this.runner = config.runnerImage ? pulumi.output(config.runnerImage) : built("runner", runner, root);
    this.r = config.rImage ? pulumi.output(config.rImage) : built("r", r, `${root}/model`);
    this.repositories = pulumi.all([runner.arn, r.arn]);
    this.registerOutputs();
  }
}
