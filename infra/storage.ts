/** Two buckets and two tables: what goes in, what comes out, who sees what, what happened. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { plotsTable, runsPrefix, runsTable } from "../runner/layout.ts";
import { document } from "./policies/grant.ts";
import type { Stack } from "./stack.ts";

type LifecycleRule = aws.types.input.s3.BucketLifecycleConfigurationRule;

/** A version that was removed or replaced can be had back for as many days. */
const removedKeptDays = 30;
/** Earlier versions of an input that are kept at most. */
const inputVersions = 10;
const runsKeptDays = 365;

const unfinishedUploads: LifecycleRule = {
  id: "unfinished-uploads",
  status: "Enabled",
  filter: { prefix: "" },
  abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
};

const dataRules: LifecycleRule[] = [
  {
    id: "earlier-inputs",
    status: "Enabled",
    filter: { prefix: "" },
    noncurrentVersionExpiration: { noncurrentDays: removedKeptDays, newerNoncurrentVersions: inputVersions },
  },
  unfinishedUploads,
];

const plotsRules: LifecycleRule[] = [
  {
    id: "removed-versions",
    status: "Enabled",
    filter: { prefix: "" },
    noncurrentVersionExpiration: { noncurrentDays: removedKeptDays },
    expiration: { expiredObjectDeleteMarker: true },
  },
  { id: "runs", status: "Enabled", filter: { prefix: runsPrefix }, expiration: { days: runsKeptDays } },
  unfinishedUploads,
];

export class Storage extends pulumi.ComponentResource {
  readonly dataBucket: aws.s3.Bucket;
  readonly plotsBucket: aws.s3.Bucket;
  readonly plotsTable: aws.dynamodb.Table;
  readonly runsTable: aws.dynamodb.Table;

  constructor(stack: Stack) {
    super("replot:Storage", "storage");
    const { protectData } = stack.config;
    const { tags } = stack;
    this.dataBucket = this.bucket(stack, "data", dataRules);
    this.plotsBucket = this.bucket(stack, "plots", plotsRules);

    const table = (name: "plots" | "runs", args: aws.dynamodb.TableArgs) =>
      new aws.dynamodb.Table(
        name,
        {
          billingMode: "PAY_PER_REQUEST",
          pointInTimeRecovery: { enabled: true },
          deletionProtectionEnabled: protectData,
          tags,
          ...args,
        },
        { parent: this, protect: protectData },
      );
    this.plotsTable = table("plots", {
      name: stack.names.plotsTable,
      hashKey: plotsTable.partition,
      rangeKey: plotsTable.sort,
      attributes: [plotsTable.partition, plotsTable.sort].map((name) => ({ name, type: "S" })),
    });
    this.runsTable = table("runs", {
      name: stack.names.runsTable,
      hashKey: runsTable.partition,
      rangeKey: runsTable.sort,
      attributes: [runsTable.partition, runsTable.sort].map((name) => ({ name, type: "S" })),
      ttl: { attributeName: runsTable.expires, enabled: true },
    });
    this.registerOutputs();
  }

  /** Versioned, encrypted, over TLS only, never public. */
  private bucket({ names, tags, config }: Stack, name: "data" | "plots", rules: LifecycleRule[]): aws.s3.Bucket {
    const child = { parent: this };
    const made = new aws.s3.Bucket(
      name,
      { bucketPrefix: `${names.prefix}-${name}-`, forceDestroy: !config.protectData, tags },
      { ...child, protect: config.protectData },
    );
    const bucket = made.bucket;
    const versioning = new aws.s3.BucketVersioning(
      name,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      child,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      child,
    );
    const open = new aws.s3.BucketPublicAccessBlock(
      name,
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      child,
    );
    new aws.s3.BucketOwnershipControls(name, { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, child);
    // S3 takes one change of who may see a bucket at a time
    const policy = pulumi.jsonStringify(made.arn.apply(tlsOnly));
    new aws.s3.BucketPolicy(name, { bucket, policy }, { ...child, dependsOn: [open] });
    new aws.s3.BucketLifecycleConfiguration(name, { bucket, rules }, { ...child, dependsOn: [versioning] });
    return made;
  }
}

function tlsOnly(bucket: string) {
  return document([
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:*"],
      Resource: [bucket, `${bucket}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
}
