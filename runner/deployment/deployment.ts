/** A deployed stack as its outputs describe it: what `pulumi up` prints, scripts read, and `--stack NAME` works on. */
import { z } from "zod";
import { Capacity } from "../domain.ts";

export const Deployment = z.object({
  stack: z.string(),
  /** Of replot, when it was deployed. */
  version: z.string(),
  region: z.string(),
  account: z.string(),
  dataBucket: z.string(),
  plotsBucket: z.string(),
  plotsTable: z.string(),
  runsTable: z.string(),
  topicArn: z.string(),
  /** ARN. */
  cluster: z.string(),
  taskFamily: z.string(),
  /** ARN with revision. */
  taskDefinition: z.string(),
  subnets: z.array(z.string()).min(1),
  securityGroups: z.array(z.string()).min(1),
  assignPublicIp: z.boolean(),
  capacity: Capacity,
  /** Pinned by digest: `…@sha256:…`. */
  runnerImage: z.string(),
  rImage: z.string(),
  /** Fargate's units: 1024 are a core. */
  taskCpu: z.int(),
  /** MiB. */
  taskMemory: z.int(),
  /** GiB. */
  ephemeralStorage: z.int(),
  maxRunSeconds: z.int(),
  logGroup: z.string(),
  watchdogFunction: z.string(),
  /** Where the schedule's deliveries end that failed: queue URL. */
  deadLetterQueue: z.string(),
  /** `GROUP/NAME` of the schedule; absent where it is switched off. */
  schedule: z.string().optional(),
  emails: z.array(z.string()),
  /** The complete `aws ecs run-task` command. */
  manualRun: z.string(),
  /** Pages of the AWS console, by what they show. */
  links: z.record(z.string(), z.string()),
});
/** Outputs that stacks of earlier versions have under other names, as pairs of the current name and the earlier one. */
export const earlierOutputs = [["maxRunSeconds", "longestLifeSeconds"]] as const;
export type Deployment = z.infer<typeof Deployment>;
