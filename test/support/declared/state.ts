/** What AWS would add to a resource: its id, its ARN, what only it can know. */
import { createHash } from "node:crypto";
import { account, region } from "./place.ts";

type Inputs = Readonly<Record<string, unknown>>;

/** A number that looks random, and is the same in every run. */
function digits(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

function arn(service: string, resource: string, where = region): string {
  return `arn:aws:${service}:${where}:${account}:${resource}`;
}

/** By type: what is added to the inputs. `id` is the resource's. */
const added: Readonly<Record<string, (name: string, inputs: Inputs, text: (key: string) => string) => Inputs>> = {
  "aws:s3/bucket:Bucket": (name, inputs, text) => {
    const bucket = "bucket" in inputs ? text("bucket") : `${text("bucketPrefix")}${digits(name, 8)}`;
    return {
      id: bucket,
      bucket,
      arn: `arn:aws:s3:::${bucket}`,
      bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
    };
  },
  "aws:dynamodb/table:Table": (_, _inputs, text) => ({
    id: text("name"),
    arn: arn("dynamodb", `table/${text("name")}`),
  }),
  "aws:sns/topic:Topic": (_, _inputs, text) => ({ id: arn("sns", text("name")), arn: arn("sns", text("name")) }),
  "aws:sqs/queue:Queue": (_, _inputs, text) => {
    const url = `https://sqs.${region}.amazonaws.com/${account}/${text("name")}`;
    return { id: url, url, arn: arn("sqs", text("name")) };
  },
  "aws:iam/role:Role": (_, _inputs, text) => ({ id: text("name"), arn: arn("iam", `role/${text("name")}`, "") }),
  "aws:ecr/repository:Repository": (_, _inputs, text) => ({
    id: text("name"),
    arn: arn("ecr", `repository/${text("name")}`),
    registryId: account,
    repositoryUrl: `${account}.dkr.ecr.${region}.amazonaws.com/${text("name")}`,
  }),
  "docker-build:index:Image": (name) => ({ id: digits(name, 16), digest: `sha256:${digits(`image ${name}`, 64)}` }),
  "aws:ecs/cluster:Cluster": (_, _inputs, text) => {
    const cluster = arn("ecs", `cluster/${text("name")}`);
    return { id: cluster, arn: cluster };
  },
  "aws:ecs/taskDefinition:TaskDefinition": (_, _inputs, text) => ({
    id: text("family"),
    arn: arn("ecs", `task-definition/${text("family")}:1`),
    arnWithoutRevision: arn("ecs", `task-definition/${text("family")}`),
    revision: 1,
  }),
  "aws:cloudwatch/logGroup:LogGroup": (_, _inputs, text) => ({
    id: text("name"),
    arn: arn("logs", `log-group:${text("name")}`),
  }),
  "aws:lambda/function:Function": (_, _inputs, text) => ({
    id: text("name"),
    arn: arn("lambda", `function:${text("name")}`),
  }),
  "aws:cloudwatch/eventRule:EventRule": (_, _inputs, text) => ({
    id: text("name"),
    arn: arn("events", `rule/${text("name")}`),
  }),
  "aws:scheduler/scheduleGroup:ScheduleGroup": (_, _inputs, text) => ({
    id: text("name"),
    arn: arn("scheduler", `schedule-group/${text("name")}`),
  }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (_, _inputs, text) => ({
    id: text("name"),
    arn: arn("cloudwatch", `alarm:${text("name")}`),
  }),
  "aws:scheduler/schedule:Schedule": (_, _inputs, text) => ({
    id: `${text("groupName")}/${text("name")}`,
    arn: arn("scheduler", `schedule/${text("groupName")}/${text("name")}`),
  }),
  "aws:ec2/securityGroup:SecurityGroup": (name) => {
    const id = `sg-${digits(name, 17)}`;
    return { id, arn: arn("ec2", `security-group/${id}`) };
  },
};

/** The id of a resource, and what the program can read of it. */
export function mockState(type: string, name: string, inputs: Inputs): { id: string; state: Inputs } {
  const text = (key: string): string => {
    const value = inputs[key];
    if (typeof value !== "string") throw new Error(`${type} ${name} has no ${key}: its name in AWS is not settled`);
    return value;
  };
  const { id = `${name}-${digits(`${type} ${name}`, 8)}`, ...more } = added[type]?.(name, inputs, text) ?? {};
  return { id: String(id), state: { ...inputs, ...more } };
}
