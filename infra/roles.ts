/** Roles: each has one policy, written in `policies/`. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Grant, rolePolicy, type Trust, trustPolicy } from "./policies/grant.ts";
import type { Stack } from "./stack.ts";

export interface RoleArgs {
  /** In AWS. */
  readonly name: string;
  readonly description: string;
  readonly trust: pulumi.Input<Trust>;
  readonly grants: pulumi.Input<readonly Grant[]>;
}

/** A role with its policy. Whoever needs the role to work depends on `policy`, too. */
export class Role extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly policy: aws.iam.RolePolicy;

  constructor(name: string, { tags }: Stack, args: RoleArgs, options?: pulumi.ComponentResourceOptions) {
    super("replot:Role", name, {}, options);
    const role = new aws.iam.Role(
      name,
      {
        name: args.name,
        description: args.description,
        assumeRolePolicy: pulumi.jsonStringify(pulumi.output(args.trust).apply(trustPolicy)),
        tags,
      },
      { parent: this },
    );
    this.policy = new aws.iam.RolePolicy(
      name,
      { name: args.name, role: role.name, policy: pulumi.jsonStringify(pulumi.output(args.grants).apply(rolePolicy)) },
      { parent: this },
    );
    this.arn = role.arn;
    this.registerOutputs();
  }
}
