/**
 * The task's network: given subnets, two zones of the default VPC, or a VPC of the stack's own. Outbound traffic is TLS only;
 * nothing comes in.
 */
import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx/ec2/index.js";
import * as pulumi from "@pulumi/pulumi";
import { UsageError } from "../runner/errors.ts";
import type { Config } from "./config.ts";
import type { Stack } from "./stack.ts";

/** Subnets that exist. */
export interface Subnets {
  readonly vpc: string;
  readonly subnets: readonly string[];
}

/**
 * @returns undefined where the stack makes a VPC of its own (`network: create`)
 * @throws UsageError where there is no default VPC, or the subnets given are not of one VPC
 */
export async function findSubnets({
  network,
  subnets,
}: Pick<Config, "network" | "subnets">): Promise<Subnets | undefined> {
  if (network === "create") return undefined;
  return subnets === undefined ? defaultSubnets() : givenSubnets(subnets);
}

/** Two zones: where one has no room for the task, the other may. */
const zonesUsed = 2;

async function defaultSubnets(): Promise<Subnets> {
  const vpcs = await aws.ec2.getVpcs({ filters: [{ name: "is-default", values: ["true"] }] });
  const [vpc] = vpcs.ids;
  if (vpc === undefined) {
    throw new UsageError(
      "subnets: this account has no default VPC in this region; let the stack make a VPC (`pulumi config set network create`), " +
        "or give subnets (`pulumi config set subnets ...`)",
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
  if (chosen.length === 0) throw new UsageError(`subnets: the default VPC ${vpc} has none; give subnets`);
  return { vpc, subnets: chosen };
}

async function givenSubnets(ids: readonly string[]): Promise<Subnets> {
  const found = await Promise.all(ids.map((id) => aws.ec2.getSubnet({ id })));
  const [vpc, ...others] = [...new Set(found.map(({ vpcId }) => vpcId))];
  if (vpc === undefined || others.length > 0) {
    const where = found.map(({ id, vpcId }) => `${id} in ${vpcId}`).join(", ");
    throw new UsageError(`subnets: they must be in one VPC; found ${where}`);
  }
  return { vpc, subnets: ids };
}

export class Network extends pulumi.ComponentResource {
  readonly subnets: pulumi.Output<readonly string[]>;
  readonly securityGroup: aws.ec2.SecurityGroup;

  /** @param found undefined to make a VPC */
  constructor(stack: Stack, found: Subnets | undefined) {
    super("replot:Network", "network");
    const { config, names, tags } = stack;
    const { vpc, subnets } = found === undefined ? this.createVpc(stack) : pulumi.output(found);
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
    if (found !== undefined && config.gatewayEndpoints) this.addEndpoints(stack, found.vpc);
    this.registerOutputs();
  }

  /**
   * Public subnets in two zones, with no gateway that costs by the hour. Tasks without public addresses get private subnets
   * behind one NAT gateway. S3 and DynamoDB are reached through gateway endpoints, which are free.
   */
  private createVpc({ config, names, place, tags }: Stack) {
    const isPublic = config.assignPublicIp;
    const vpc = new awsx.Vpc(
      names.prefix,
      {
        numberOfAvailabilityZones: zonesUsed,
        subnetStrategy: "Auto",
        subnetSpecs: isPublic ? [{ type: "Public" }] : [{ type: "Public" }, { type: "Private" }],
        natGateways: { strategy: isPublic ? "None" : "Single" },
        vpcEndpointStrategy: "Auto",
        vpcEndpointSpecs: gatewayServices.map((service) => ({
          serviceName: `com.amazonaws.${place.region}.${service}`,
          vpcEndpointType: "Gateway",
        })),
        enableDnsHostnames: true,
        tags: { ...tags },
      },
      { parent: this },
    );
    return { vpc: vpc.vpcId, subnets: isPublic ? vpc.publicSubnetIds : vpc.privateSubnetIds };
  }

  private addEndpoints({ place, tags }: Stack, vpc: string): void {
    const tables = aws.ec2.getRouteTablesOutput({ vpcId: vpc }, { parent: this });
    for (const service of gatewayServices) {
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
}

/** What a VPC reaches through an endpoint without paying for it. */
const gatewayServices = ["s3", "dynamodb"];
