/** The registry's repository of one image: tags that can't be moved, scanned on push, old images expire. */
import type * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx/ecr/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "./stack.ts";

/** Images kept in a repository; a stack can go back to any of them. */
const keptImages = 10;
const untaggedDays = 7;

/**
 * @param name `runner` or `r`, in the program
 * @param repositoryName in AWS
 * @param parent the component that declares it
 */
export function imageRepository(
  stack: Stack,
  name: string,
  repositoryName: string,
  parent: pulumi.ComponentResource,
): pulumi.Output<aws.ecr.Repository> {
  const { config, tags } = stack;
  const component = new awsx.Repository(
    name,
    {
      name: repositoryName,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      forceDelete: !config.protectData,
      lifecyclePolicy: {
        rules: [
          { description: "untagged images go after a week", tagStatus: "untagged", maximumAgeLimit: untaggedDays },
          { description: "the last ten stay", tagStatus: "any", maximumNumberOfImages: keptImages },
        ],
      },
      tags,
    },
    { parent, protect: config.protectData, transforms: [formerlyChildOf(parent)] },
  );
  return component.repository;
}

/**
 * Stacks deployed before replot used awsx have repository and lifecycle policy as direct children of `parent`. The alias
 * keeps both; without it Pulumi would delete the repository with its images. A component that a plugin makes passes no aliases on to its
 * children, so a transform adds them.
 */
function formerlyChildOf(parent: pulumi.ComponentResource): pulumi.ResourceTransform {
  return ({ custom, props, opts }) =>
    custom ? { props, opts: pulumi.mergeOptions(opts, { aliases: [{ parent }] }) } : undefined;
}
