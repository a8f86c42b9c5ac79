/** What every part of the program needs to know: where it is, what things are called, how they are tagged. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { version } from "../runner/version.ts";
import type { Config } from "./config.ts";
import { type Names, names } from "./names.ts";
import type { AwsContext } from "./policies/aws-context.ts";

export interface Stack {
  /** Of Pulumi: `dev`. */
  readonly name: string;
  readonly config: Config;
  readonly place: AwsContext;
  readonly names: Names;
  /** Given to everything that takes tags. */
  readonly tags: Readonly<Record<string, string>>;
}

export async function describeStack(config: Config): Promise<Stack> {
  const [partition, region, caller] = await Promise.all([aws.getPartition(), aws.getRegion(), aws.getCallerIdentity()]);
  const [project, name] = [pulumi.getProject(), pulumi.getStack()];
  return {
    name,
    config,
    place: { partition: partition.partition, region: region.region, account: caller.accountId },
    names: names(project, name),
    tags: { ...config.tags, project, stack: name, version },
  };
}
