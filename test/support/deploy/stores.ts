/** Buckets and tables, with all of their settings. */
import { CreateTableCommand, UpdateContinuousBackupsCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { type Creator, creator, Tags, tagList } from "./creator.ts";

const bucket = z.string();

export const stores: Readonly<Record<string, Creator>> = {
  "aws:s3/bucket:Bucket": creator(
    { bucketPrefix: z.string(), forceDestroy: z.boolean(), tags: Tags },
    async ({ tags }, { s3 }, { state }) => {
      const name = z.string().parse(state["bucket"]);
      await s3.send(new CreateBucketCommand({ Bucket: name }));
      return s3.send(new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet: tagList(tags) } }));
    },
  ),
  "aws:s3/bucketVersioning:BucketVersioning": creator(
    { bucket, versioningConfiguration: z.strictObject({ status: z.enum(["Enabled", "Suspended"]) }) },
    ({ bucket, versioningConfiguration: { status } }, { s3 }) =>
      s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: status } })),
  ),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": creator(
    {
      bucket,
      rules: z.array(
        z.strictObject({ applyServerSideEncryptionByDefault: z.strictObject({ sseAlgorithm: z.literal("AES256") }) }),
      ),
    },
    ({ bucket, rules }, { s3 }) =>
      s3.send(
        new PutBucketEncryptionCommand({
          Bucket: bucket,
          ServerSideEncryptionConfiguration: {
            Rules: rules.map(({ applyServerSideEncryptionByDefault: { sseAlgorithm } }) => ({
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: sseAlgorithm },
            })),
          },
        }),
      ),
  ),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": creator(
    {
      bucket,
      blockPublicAcls: z.boolean(),
      blockPublicPolicy: z.boolean(),
      ignorePublicAcls: z.boolean(),
      restrictPublicBuckets: z.boolean(),
    },
    ({ bucket, ...block }, { s3 }) =>
      s3.send(
        new PutPublicAccessBlockCommand({
          Bucket: bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: block.blockPublicAcls,
            BlockPublicPolicy: block.blockPublicPolicy,
            IgnorePublicAcls: block.ignorePublicAcls,
            RestrictPublicBuckets: block.restrictPublicBuckets,
          },
        }),
      ),
  ),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": creator(
    { bucket, rule: z.strictObject({ objectOwnership: z.literal("BucketOwnerEnforced") }) },
    ({ bucket, rule }, { s3 }) =>
      s3.send(
        new PutBucketOwnershipControlsCommand({
          Bucket: bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership: rule.objectOwnership }] },
        }),
      ),
  ),
  "aws:s3/bucketPolicy:BucketPolicy": creator({ bucket, policy: z.string() }, async ({ bucket, policy }, { s3 }) => {
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    // moto ignores conditions, and so would refuse everybody whom the policy refuses without TLS
    return s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
  }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": creator(
    {
      bucket,
      rules: z.array(
        z.strictObject({
          id: z.string(),
          status: z.enum(["Enabled", "Disabled"]),
          filter: z.strictObject({ prefix: z.string() }),
          expiration: z
            .strictObject({ days: z.number().optional(), expiredObjectDeleteMarker: z.boolean().optional() })
            .optional(),
          noncurrentVersionExpiration: z
            .strictObject({ noncurrentDays: z.number(), newerNoncurrentVersions: z.number().optional() })
            .optional(),
          abortIncompleteMultipartUpload: z.strictObject({ daysAfterInitiation: z.number() }).optional(),
        }),
      ),
    },
    ({ bucket, rules }, { s3 }) =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket,
          LifecycleConfiguration: {
            Rules: rules.map(({ expiration, noncurrentVersionExpiration: noncurrent, ...rule }) => ({
              ID: rule.id,
              Status: rule.status,
              Filter: { Prefix: rule.filter.prefix },
              Expiration: expiration && {
                Days: expiration.days,
                ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker,
              },
              NoncurrentVersionExpiration: noncurrent && {
                NoncurrentDays: noncurrent.noncurrentDays,
                NewerNoncurrentVersions: noncurrent.newerNoncurrentVersions,
              },
              AbortIncompleteMultipartUpload: rule.abortIncompleteMultipartUpload && {
                DaysAfterInitiation: rule.abortIncompleteMultipartUpload.daysAfterInitiation,
              },
            })),
          },
        }),
      ),
  ),
  "aws:dynamodb/table:Table": creator(
    {
      name: z.string(),
      billingMode: z.literal("PAY_PER_REQUEST"),
      hashKey: z.string(),
      rangeKey: z.string(),
      attributes: z.array(z.strictObject({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
      pointInTimeRecovery: z.strictObject({ enabled: z.boolean() }),
      deletionProtectionEnabled: z.boolean(),
      ttl: z.strictObject({ attributeName: z.string(), enabled: z.boolean() }).optional(),
      tags: Tags,
    },
    async ({ name, hashKey, rangeKey, attributes, ttl, ...table }, { dynamodb }) => {
      await dynamodb.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: table.billingMode,
          DeletionProtectionEnabled: table.deletionProtectionEnabled,
          KeySchema: [
            { AttributeName: hashKey, KeyType: "HASH" },
            { AttributeName: rangeKey, KeyType: "RANGE" },
          ],
          AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
          Tags: tagList(table.tags),
        }),
      );
      if (ttl !== undefined) {
        const TimeToLiveSpecification = { AttributeName: ttl.attributeName, Enabled: ttl.enabled };
        await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
      }
      const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: table.pointInTimeRecovery.enabled };
      return dynamodb.send(new UpdateContinuousBackupsCommand({ TableName: name, PointInTimeRecoverySpecification }));
    },
  ),
};
