/** Makes in a stand-in for AWS what the Pulumi program declares, so that the real values meet the services' own checks. */
import { DescribeRouteTablesCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { Deployment } from "../../runner/deployment/deployment.ts";
import { containers } from "../../runner/deployment/task-containers.ts";
import type { Cloud } from "../../runner/settings.ts";
import { type Declared, type DeclaredStack, type DeclareOptions, declare, readyImages } from "./declared.ts";
import { compute } from "./deploy/compute.ts";
import { type Creator, openServices, type Renaming, type Services } from "./deploy/creator.ts";
import { messages } from "./deploy/messages.ts";
import { stores } from "./deploy/stores.ts";
import type { Role } from "./iam.ts";

const creators: Readonly<Record<string, Creator>> = { ...stores, ...messages, ...compute };

/** What isn't made, and why. Components are no resources of AWS. */
const notMade: Readonly<Record<string, string>> = {
  "aws:budgets/budget:Budget": "needs a client of its own, and moto compares nothing with it",
  "aws:cloudwatch/dashboard:Dashboard": "needs a client of its own, and moto takes any text",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "needs a client of its own, and moto has no ages of messages",
};

export interface DeployedStack {
  readonly deployment: Deployment;
  readonly cloud: Cloud;
  readonly declared: DeclaredStack;
  /** Those that processes of ours have, with the policies that were declared for them. */
  readonly roles: Readonly<Record<"task" | "watchdog", Role>>;
  /** What the runner's container gets, and the watchdog's function. */
  readonly environments: Readonly<Record<"runner" | "watchdog", Readonly<Record<string, string>>>>;
  readonly services: Services;
}

let made = 0;

/** @param endpoint of an empty server, as far as this stack's names go */
export async function deploy(endpoint: string, options: Omit<DeclareOptions, "stack"> = {}): Promise<DeployedStack> {
  const stack = `t${process.pid}x${++made}`;
  const declared = await declare({ ...options, stack, config: { ...readyImages, ...options.config } });
  const services = openServices(endpoint);
  const renamings = await network(declared, services);
  const resources = declared.resources.filter(({ type }) => !/^(replot|awsx):/.test(type));
  const real: Declared[] = [];
  for (const resource of resources) {
    if (resource.type in notMade) continue;
    const create = creators[resource.type];
    if (create === undefined)
      throw new Error(`the program declares ${resource.type}; test/support/deploy/ can't make it`);
    const named = { ...resource, inputs: renamed(resource.inputs, renamings) };
    real.push(named);
    try {
      const renaming = await create(named, services);
      if (renaming !== undefined) renamings.push(renaming);
    } catch (cause) {
      throw new Error(`${resource.type} ${resource.name} was refused: ${String(cause)}`, { cause });
    }
  }
  const deployment = Deployment.parse(renamed(declared.outputs, renamings));
  return {
    deployment,
    cloud: deployment,
    declared,
    services,
    roles: { task: roleOf("task", real), watchdog: roleOf("watchdog", real) },
    environments: { runner: runnerEnvironment(real), watchdog: watchdogEnvironment(real) },
  };
}

/** The subnets, the VPC and its routes that the mocks made up, and those that are there. */
async function network({ outputs, resources }: DeclaredStack, { ec2 }: Services): Promise<Renaming[]> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({}));
  const declared = z.array(z.string()).parse(outputs["subnets"]);
  const vpcs = resources.flatMap(({ inputs }) => (typeof inputs["vpcId"] === "string" ? [inputs["vpcId"]] : []));
  const tables = resources.flatMap(({ inputs }) => z.array(z.string()).default([]).parse(inputs["routeTableIds"]));
  return [
    ...tables.map((id): Renaming => [id, RouteTables[0]?.RouteTableId ?? ""]),
    ...declared.map((id, n): Renaming => [id, Subnets[n]?.SubnetId ?? ""]),
    ...vpcs.map((id): Renaming => [id, Subnets[0]?.VpcId ?? ""]),
  ];
}

function renamed<T>(value: T, renamings: readonly Renaming[]): T {
  let text = JSON.stringify(value);
  for (const [declared, real] of renamings) text = text.replaceAll(declared, real);
  return JSON.parse(text);
}

function find(resources: readonly Declared[], type: string, name: string): Declared {
  const found = resources.find((resource) => resource.type === type && resource.name === name);
  if (found === undefined) throw new Error(`the program declares no ${type} ${name}`);
  return found;
}

function roleOf(name: string, resources: readonly Declared[]): Role {
  const { inputs } = find(resources, "aws:iam/role:Role", name);
  const policies = resources.filter(
    (resource) => resource.type === "aws:iam/rolePolicy:RolePolicy" && resource.inputs["role"] === inputs["name"],
  );
  return { name, policies: policies.map((policy) => z.string().parse(policy.inputs["policy"])) };
}

const Container = z.object({
  name: z.string(),
  environment: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
});

function runnerEnvironment(resources: readonly Declared[]): Record<string, string> {
  const { inputs } = find(resources, "aws:ecs/taskDefinition:TaskDefinition", "run");
  const all = z.array(Container).parse(JSON.parse(z.string().parse(inputs["containerDefinitions"])));
  const runner = all.find(({ name }) => name === containers.runner);
  return Object.fromEntries((runner?.environment ?? []).map(({ name, value }) => [name, value]));
}

function watchdogEnvironment(resources: readonly Declared[]): Record<string, string> {
  const { inputs } = find(resources, "aws:lambda/function:Function", "watchdog");
  return z.object({ variables: z.record(z.string(), z.string()) }).parse(inputs["environment"]).variables;
}
