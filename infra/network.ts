/** Where tasks have their network: subnets given, or two zones of the default VPC; out by TLS only, nothing comes in. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { WrongRequest } from "../runner/errors.ts";
import type { Config } from "./config.ts";
import type { Stack } from "./stack.ts";

export interface Subnets {
  readonly vpc: string;
  readonly subnets: readonly string[];
}

/** @throws WrongRequest where there is no default VPC, or the subnets given are not of one VPC */
export async function findSubnets({ subnets }: Pick<Config, "subnets">): Promise<Subnets> {
  return subnets === undefined ? defaultSubnets() : givenSubnets(subnets);
}

/** Two zones: where one has no room for the task, the other may. */
const zonesUsed = 2;

async function defaultSubnets(): Promise<Subnets> {
  const vpcs = await aws.ec2.getVpcs({ filters: [{ name: "is-default", values: ["true"] }] });
  const [vpc] = vpcs.ids;
  if (vpc === undefined) {
    throw new WrongRequest(
      "subnets: this account has no default VPC in this region; give subnets (`pulumi config set subnets ...`), or make " +
        "one with `aws ec2 create-default-vpc`",
    );
  }
  const { ids } = await aws.ec2.getSubnets({
    filters: [
      { name: "vpc-id", values: [vpc] },
      { name: "default-for-az", values: ["true"] },
    ],
  });
  const found = await Promise.all(ids.map((id) => aws.ec2.getSubnet({ id })));
  // always the same two, or every `pulumi up` would move the task
  const byZone = found.sort((one, other) => one.availabilityZone.localeCompare(other.availabilityZone));
  const chosen = byZone.slice(0, zonesUsed).map(({ id }) => id);
  if (chosen.length === 0) throw new WrongRequest(`subnets: the default VPC ${vpc} has none; give subnets`);
  return { vpc, subnets: chosen };
}

async function givenSubnets(ids: readonly string[]): Promise<Subnets> {
  const found = await Promise.all(ids.map((id) => aws.ec2.getSubnet({ id })));
  const [vpc, ...others] = [...new Set(found.map(({ vpcId }) => vpcId))];
  if (vpc === undefined || others.length > 0) {
    const where = found.map(({ id, vpcId }) => `${id} in ${vpcId}`).join(", ");
    throw new WrongRequest(`subnets: they must be in one VPC; found ${where}`);
  }
  return { vpc, subnets: ids };
}

export class Network extends pulumi.ComponentResource {
  readonly subnets: readonly string[];
  readonly securityGroup: aws.ec2.SecurityGroup;

  constructor(stack: Stack, { vpc, subnets }: Subnets) {
    super("replot:Network", "network");
    const { config, names, place, tags } = stack;
    this.subnets = subnets;
    this.securityGroup = new aws.ec2.SecurityGroup(
      "task",
      {
        name: names.taskFamily,
        description: "The task calls AWS over TLS, and nobody calls the task",
        vpcId: vpc,
        ingress: [],
        egress: [
          {
            description: "AWS",
            protocol: "tcp",
            fromPort: 443,
            toPort: 443,
            cidrBlocks: ["0.0.0.0/0"],
            ipv6CidrBlocks: ["::/0"],
          },
        ],
        tags,
      },
      { parent: this },
    );
    if (config.gatewayEndpoints) {
      const tables = aws.ec2.getRouteTablesOutput({ vpcId: vpc }, { parent: this });
      for (const service of ["s3", "dynamodb"]) {
        new aws.ec2.VpcEndpoint(
          service,
          {
            vpcId: vpc,
            serviceName: `com.amazonaws.${place.region}.${service}`,
            vpcEndpointType: "Gateway",
            routeTableIds: tables.ids,
            tags,
          },
          { parent: this },
        );
      }
    }
    this.registerOutputs();
  }
}
