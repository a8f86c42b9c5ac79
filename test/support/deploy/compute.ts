/** Cluster, task definition, roles, network, repositories. */
import {
  AuthorizeSecurityGroupEgressCommand,
  CreateSecurityGroupCommand,
  CreateVpcEndpointCommand,
} from "@aws-sdk/client-ec2";
import { CreateRepositoryCommand, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  PutClusterCapacityProvidersCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from "@aws-sdk/client-ecs";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { z } from "zod";
import { type Creator, creator, Tags, tagList } from "./creator.ts";

const text = z.string();

/** As ECS takes them: the program writes the service's own JSON. */
const Containers = z.custom<NonNullable<RegisterTaskDefinitionCommandInput["containerDefinitions"]>>(Array.isArray);

export const compute: Readonly<Record<string, Creator>> = {
  "aws:ecs/cluster:Cluster": creator({ name: text, tags: Tags }, ({ name, tags }, { ecs }) =>
    ecs.send(new CreateClusterCommand({ clusterName: name, tags: lower(tags) })),
  ),
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": creator(
    { clusterName: text, capacityProviders: z.array(text) },
    ({ clusterName, capacityProviders }, { ecs }) =>
      ecs.send(
        new PutClusterCapacityProvidersCommand({
          cluster: clusterName,
          capacityProviders,
          defaultCapacityProviderStrategy: [],
        }),
      ),
  ),
  "aws:ecs/taskDefinition:TaskDefinition": creator(
    {
      family: text,
      cpu: text,
      memory: text,
      networkMode: z.literal("awsvpc"),
      requiresCompatibilities: z.array(z.literal("FARGATE")),
      runtimePlatform: z.strictObject({
        operatingSystemFamily: z.literal("LINUX"),
        cpuArchitecture: z.enum(["X86_64", "ARM64"]),
      }),
      ephemeralStorage: z.strictObject({ sizeInGib: z.number() }),
      taskRoleArn: text,
      executionRoleArn: text,
      volumes: z.array(z.strictObject({ name: text })),
      containerDefinitions: text,
      skipDestroy: z.boolean(),
      tags: Tags,
    },
    async ({ ephemeralStorage, containerDefinitions, skipDestroy: _, tags, ...definition }, { ecs }, { state }) => {
      const { taskDefinition } = await ecs.send(
        new RegisterTaskDefinitionCommand({
          ...definition,
          ephemeralStorage: { sizeInGiB: ephemeralStorage.sizeInGib },
          containerDefinitions: Containers.parse(JSON.parse(containerDefinitions)),
          tags: lower(tags),
        }),
      );
      return [text.parse(state["arn"]), text.parse(taskDefinition?.taskDefinitionArn)];
    },
  ),
  "aws:iam/role:Role": creator(
    { name: text, description: text, assumeRolePolicy: text, tags: Tags },
    ({ name, description, assumeRolePolicy, tags }, { iam }) =>
      iam.send(
        new CreateRoleCommand({
          RoleName: name,
          Description: description,
          AssumeRolePolicyDocument: assumeRolePolicy,
          Tags: tagList(tags),
        }),
      ),
  ),
  "aws:iam/rolePolicy:RolePolicy": creator(
    { name: text, role: text, policy: text },
    ({ name, role, policy }, { iam }) =>
      iam.send(new PutRolePolicyCommand({ PolicyName: name, RoleName: role, PolicyDocument: policy })),
  ),
  "aws:ec2/securityGroup:SecurityGroup": creator(
    {
      name: text,
      description: text,
      vpcId: text,
      ingress: z.array(z.never()),
      egress: z.array(
        z.strictObject({
          description: text,
          protocol: text,
          fromPort: z.number(),
          toPort: z.number(),
          cidrBlocks: z.array(text),
          ipv6CidrBlocks: z.array(text),
        }),
      ),
      tags: Tags,
    },
    async ({ name, description, vpcId, egress, tags }, { ec2 }, { id }) => {
      const { GroupId = "" } = await ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: name,
          Description: description,
          VpcId: vpcId,
          TagSpecifications: [{ ResourceType: "security-group", Tags: tagList(tags) }],
        }),
      );
      const IpPermissions = egress.map((rule) => ({
        IpProtocol: rule.protocol,
        FromPort: rule.fromPort,
        ToPort: rule.toPort,
        IpRanges: rule.cidrBlocks.map((CidrIp) => ({ CidrIp, Description: rule.description })),
        Ipv6Ranges: rule.ipv6CidrBlocks.map((CidrIpv6) => ({ CidrIpv6, Description: rule.description })),
      }));
      await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
      return [id, GroupId];
    },
  ),
  "aws:ec2/vpcEndpoint:VpcEndpoint": creator(
    {
      vpcId: text,
      serviceName: text,
      vpcEndpointType: z.literal("Gateway"),
      routeTableIds: z.array(text),
      tags: Tags,
    },
    ({ vpcId, serviceName, vpcEndpointType, routeTableIds, tags }, { ec2 }) =>
      ec2.send(
        new CreateVpcEndpointCommand({
          VpcId: vpcId,
          ServiceName: serviceName,
          VpcEndpointType: vpcEndpointType,
          RouteTableIds: routeTableIds,
          TagSpecifications: [{ ResourceType: "vpc-endpoint", Tags: tagList(tags) }],
        }),
      ),
  ),
  "aws:ecr/repository:Repository": creator(
    {
      name: text,
      imageTagMutability: z.literal("IMMUTABLE"),
      imageScanningConfiguration: z.strictObject({ scanOnPush: z.boolean() }),
      forceDelete: z.boolean(),
      tags: Tags,
    },
    ({ name, imageTagMutability, imageScanningConfiguration, tags }, { ecr }) =>
      ecr.send(
        new CreateRepositoryCommand({
          repositoryName: name,
          imageTagMutability,
          imageScanningConfiguration,
          tags: tagList(tags),
        }),
      ),
  ),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": creator(
    { repository: text, policy: text },
    ({ repository, policy }, { ecr }) =>
      ecr.send(new PutLifecyclePolicyCommand({ repositoryName: repository, lifecyclePolicyText: policy })),
  ),
};

/** As ECS takes tags. */
function lower(tags: z.infer<typeof Tags>): { key: string; value: string }[] {
  return Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
}
