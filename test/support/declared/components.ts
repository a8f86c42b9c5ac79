/**
 * Stands in for the plugin of @pulumi/awsx, which works out its components in a process of its own: the resources that it
 * makes of each component, and what the program can read of it.
 */
import { z } from "zod";
import { region } from "./place.ts";
import { mockState } from "./state.ts";

type Inputs = Readonly<Record<string, unknown>>;

export interface Child {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
}

export interface Construction {
  readonly children: readonly Child[];
  /** The component's outputs. */
  readonly state: Inputs;
}

const Rule = z.strictObject({
  description: z.string(),
  tagStatus: z.enum(["untagged", "any"]),
  maximumAgeLimit: z.int().optional(),
  maximumNumberOfImages: z.int().optional(),
});

const Repository = z.looseObject({ name: z.string(), lifecyclePolicy: z.strictObject({ rules: z.array(Rule) }) });

function repository(name: string, inputs: Inputs): Construction {
  const { lifecyclePolicy, ...settings } = Repository.parse(inputs);
  const type = "aws:ecr/repository:Repository";
  const { id, state } = mockState(type, name, settings);
  const rules = lifecyclePolicy.rules.map((rule, place) => ({
    rulePriority: place + 1,
    description: rule.description,
    selection: {
      tagStatus: rule.tagStatus,
      ...(rule.maximumAgeLimit === undefined
        ? { countType: "imageCountMoreThan", countNumber: rule.maximumNumberOfImages }
        : { countType: "sinceImagePushed", countUnit: "days", countNumber: rule.maximumAgeLimit }),
    },
    action: { type: "expire" },
  }));
  return {
    children: [
      { type, name, inputs: settings },
      {
        type: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        name,
        inputs: { repository: settings.name, policy: JSON.stringify({ rules }) },
      },
    ],
    state: { repository: { id, ...state }, url: state["repositoryUrl"] },
  };
}

const Network = z.strictObject({
  numberOfAvailabilityZones: z.literal(2),
  subnetStrategy: z.literal("Auto"),
  subnetSpecs: z.array(z.strictObject({ type: z.enum(["Public", "Private"]) })).min(1),
  natGateways: z.strictObject({ strategy: z.enum(["None", "Single"]) }),
  vpcEndpointStrategy: z.literal("Auto"),
  vpcEndpointSpecs: z.array(z.strictObject({ serviceName: z.string(), vpcEndpointType: z.literal("Gateway") })),
  enableDnsHostnames: z.boolean(),
  tags: z.record(z.string(), z.string()),
});

function network(name: string, inputs: Inputs): Construction {
  const { numberOfAvailabilityZones, subnetSpecs, natGateways, vpcEndpointSpecs, tags } = Network.parse(inputs);
  const vpcId = `vpc-${name.length.toString(16).padStart(17, "0")}`;
  const zones = Array.from({ length: numberOfAvailabilityZones }, (_, n) => `${region}${"ab"[n]}`);
  const subnets = zones.flatMap((availabilityZone, zone) =>
    subnetSpecs.map(({ type }) => ({
      id: `subnet-${type === "Public" ? "a" : "b"}${String(zone).padStart(16, "0")}`,
      child: {
        type: "aws:ec2/subnet:Subnet",
        name: `${name}-${type.toLowerCase()}-${zone + 1}`,
        inputs: { vpcId, availabilityZone, mapPublicIpOnLaunch: type === "Public", tags },
      },
    })),
  );
  const idsOf = (isPublic: boolean) =>
    subnets.flatMap(({ id, child }) => (child.inputs.mapPublicIpOnLaunch === isPublic ? [id] : []));
  const nat =
    natGateways.strategy === "Single" ? [{ type: "aws:ec2/natGateway:NatGateway", name, inputs: { tags } }] : [];
  return {
    children: [
      { type: "aws:ec2/vpc:Vpc", name, inputs: { tags } },
      { type: "aws:ec2/internetGateway:InternetGateway", name, inputs: { vpcId, tags } },
      ...subnets.map(({ child }) => child),
      ...nat,
      ...vpcEndpointSpecs.map(({ serviceName, vpcEndpointType }) => ({
        type: "aws:ec2/vpcEndpoint:VpcEndpoint",
        name: serviceName,
        inputs: { vpcId, serviceName, vpcEndpointType },
      })),
    ],
    state: { vpcId, publicSubnetIds: idsOf(true), privateSubnetIds: idsOf(false) },
  };
}

const components: Readonly<Record<string, (name: string, inputs: Inputs) => Construction>> = {
  "awsx:ecr:Repository": repository,
  "awsx:ec2:Vpc": network,
};

/** @returns undefined for a component that the program makes itself */
export function construct(type: string, name: string, inputs: Inputs): Construction | undefined {
  return components[type]?.(name, inputs);
}
