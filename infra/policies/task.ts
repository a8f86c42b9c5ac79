/** The task's role: what the runner may do. R's container shares it, but starts without what leads to it. */
import { ledgerKeys, pinsPrefix, runsPrefix } from "../../runner/layout.ts";
import { type AwsContext, arn } from "./aws-context.ts";
import type { Grant, Trust } from "./grant.ts";

/** ARNs. */
export interface TaskResources {
  readonly dataBucket: string;
  readonly plotsBucket: string;
  readonly plotsTable: string;
  readonly runsTable: string;
  readonly topic: string;
}

const objects = "objects can't be named one by one: new keys come with every run";

export function taskGrants(resources: TaskResources): Grant[] {
  const { dataBucket, plotsBucket, plotsTable, runsTable, topic } = resources;
  return [
    {
      id: "ListBuckets",
      actions: ["s3:ListBucket"],
      resources: [dataBucket, plotsBucket],
      // no condition on the prefix: the request for one object has none, and a missing one would be a refusal
      why: "without it S3 answers 403 instead of 404 for what isn't there; and prune lists plots",
    },
    {
      id: "ReadInputs",
      actions: ["s3:GetObject"],
      resources: [`${dataBucket}/simulations/*`],
      why: "fetch a city's inputs",
      pattern: objects,
    },
    {
      id: "KeepPlots",
      actions: ["s3:GetObject", "s3:PutObject"],
      resources: [`${plotsBucket}/plots/*`, `${plotsBucket}/${runsPrefix}*`],
      why: "publish plots, verify them, and leave a run's summary, manifest and logs",
      pattern: objects,
    },
    {
      id: "ReadPins",
      actions: ["s3:GetObject"],
      resources: [`${plotsBucket}/${pinsPrefix}*`],
      why: "prune reads what `replot keep` pinned, so as not to remove it; the task itself pins nothing",
      pattern: objects,
    },
    {
      id: "PrunePlots",
      actions: ["s3:DeleteObject"],
      resources: [`${plotsBucket}/plots/*`],
      why: "prune; what a run left below runs/ is never removed",
      pattern: objects,
    },
    {
      id: "KeepIndex",
      actions: ["dynamodb:BatchWriteItem", "dynamodb:Query", "dynamodb:Scan"],
      resources: [plotsTable],
      why: "read and write the index",
    },
    {
      id: "KeepLedger",
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
      resources: [runsTable],
      why: "keep the ledger, take the lock, remember checksums of inputs",
    },
    {
      id: "KeepLock",
      actions: ["dynamodb:DeleteItem", "dynamodb:UpdateItem"],
      resources: [runsTable],
      conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [ledgerKeys.lock.pk] } },
      why: "renew and release the lock; no other item of the ledger is ever changed in part, or removed",
    },
    { id: "Report", actions: ["sns:Publish"], resources: [topic], why: "send the e-mail" },
  ];
}

/** For the task's role and for the execution role. */
export function taskTrust(place: AwsContext): Trust {
  return {
    service: "ecs-tasks.amazonaws.com",
    source: {
      account: place.account,
      arn: arn(place, "ecs", "*"),
      pattern: "ECS names neither the cluster nor the task when it takes on a role, so no exact ARN would ever match",
    },
  };
}
