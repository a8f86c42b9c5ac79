/** A stack's outputs, as a program of this version writes them. */
import type { Deployment } from "../../runner/deployment/deployment.ts";
import { version } from "../../runner/version.ts";

const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

export const sampleDeployment: Deployment = {
  stack: "dev",
  version,
  region: "us-east-1",
  account: "123456789012",
  dataBucket: "replot-dev-data",
  plotsBucket: "replot-dev-plots",
  plotsTable: "replot-dev-plots",
  runsTable: "replot-dev-runs",
  topicArn: "arn:aws:sns:us-east-1:123456789012:replot-dev",
  cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/replot-dev",
  taskFamily: "replot-dev",
  taskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/replot-dev:7",
  subnets: ["subnet-1", "subnet-2"],
  securityGroups: ["sg-1"],
  assignPublicIp: true,
  capacity: "FARGATE",
  runnerImage: `${registry}/replot-runner@sha256:${"1".repeat(64)}`,
  rImage: `${registry}/replot-r@sha256:${"2".repeat(64)}`,
  taskCpu: 2048,
  taskMemory: 8192,
  ephemeralStorage: 30,
  maxRunSeconds: 7200,
  logGroup: "/replot/dev",
  watchdogFunction: "replot-dev-watchdog",
  deadLetterQueue: "https://sqs.us-east-1.amazonaws.com/123456789012/replot-dev",
  emails: [],
  manualRun: "aws ecs run-task",
  links: {},
};
