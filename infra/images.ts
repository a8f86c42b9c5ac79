/** The two images: built and pushed, or taken ready-made. Their repositories are there in either case. */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { root } from "../runner/root.ts";
import { commit } from "../runner/version.ts";
import { type BuildInputs, buildTag } from "./build-inputs.ts";
import { arn } from "./policies/aws-context.ts";
import { imageRepository } from "./repository.ts";
import type { Stack } from "./stack.ts";

export class Images extends pulumi.ComponentResource {
  /** Pinned by digest. */
  readonly runner: pulumi.Output<string>;
  readonly r: pulumi.Output<string>;
  /** ARNs of the repositories in ECR that the two come from. */
  readonly repositories: pulumi.Output<string[]>;
  private readonly stack: Stack;

  constructor(stack: Stack) {
    super("replot:Images", "images");
    this.stack = stack;
    const { config, names } = stack;
    const { buildArgs } = config;
    const head = commit();
    const runner = this.image("runner", names.runnerRepository, config.runnerImage, {
      context: root,
      named: {},
      buildArgs: head === undefined ? buildArgs : { ...buildArgs, COMMIT: head },
      commit: head,
    });
    const r = this.image("r", names.rRepository, config.rImage, {
      context: join(root, "model"),
      // what pages beside plots need (`--html`)
      named: { plotly: join(root, "node_modules", "plotly.js-dist-min") },
      buildArgs,
      commit: head,
    });
    this.runner = runner.uri;
    this.r = r.uri;
    this.repositories = pulumi
      .all([runner.repository, r.repository])
      .apply((all) => all.filter((repository) => repository !== undefined));
    this.registerOutputs();
  }

  private image(name: "runner" | "r", repositoryName: string, ready: string | undefined, inputs: BuildInputs) {
    const repository = imageRepository(this.stack, name, repositoryName, this);
    if (ready !== undefined) {
      return { uri: pulumi.output(ready), repository: pulumi.output(repositoryOf(this.stack, ready)) };
    }
    // a build with secrets could make one of its digest, and of every output that it is part of
    const digest = pulumi.unsecret(this.build(name, repository, inputs).digest);
    const uri = pulumi.interpolate`${repository.repositoryUrl}@${digest}`;
    return { uri, repository: repository.arn };
  }

  /** The provider's own builder asks for no provenance and no SBOM: what it pushes is one image, not an index. */
  private build(name: string, repository: pulumi.Output<aws.ecr.Repository>, inputs: BuildInputs): dockerBuild.Image {
    const { buildSecrets } = this.stack.config;
    const login = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId }, { parent: this });
    const secrets = Object.fromEntries(
      Object.entries(buildSecrets).map(([id, file]) => [id, readFileSync(resolve(root, file), "utf8")]),
    );
    return new dockerBuild.Image(
      name,
      {
        context: {
          location: fromHere(inputs.context),
          named: Object.fromEntries(
            Object.entries(inputs.named).map(([name, directory]) => [name, { location: fromHere(directory) }]),
          ),
        },
        dockerfile: { location: fromHere(join(inputs.context, "Dockerfile")) },
        platforms: ["linux/amd64"],
        buildArgs: { ...inputs.buildArgs },
        secrets: pulumi.secret(secrets),
        ignoreSecretsInDiffCalculation: Object.keys(secrets),
        push: true,
        // a preview shall need neither Docker nor minutes
        buildOnPreview: false,
        tags: [pulumi.interpolate`${repository.repositoryUrl}:${buildTag(inputs)}`],
        registries: [
          { address: repository.repositoryUrl, username: login.userName, password: pulumi.secret(login.password) },
        ],
      },
      // the repository's rules say when an image goes; a run may be under way with this one
      { parent: this, retainOnDelete: true },
    );
  }
}

/** Relative, or another checkout of the same commit would be another image to Pulumi. */
function fromHere(path: string): string {
  return relative(process.cwd(), path) || ".";
}

/** ARN of an image's repository; undefined for one outside ECR, which needs no permission of ours. */
function repositoryOf({ place }: Stack, image: string): string | undefined {
  const [, account, region, name] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^@:]+)/.exec(image) ?? [];
  if (account === undefined || region === undefined || name === undefined) return undefined;
  return arn({ ...place, account, region }, "ecr", `repository/${name}`);
}
