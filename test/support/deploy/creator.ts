/** How one type of resource is made in the stand-in for AWS from what the program declared. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { type Declared, region } from "../declared.ts";

export type Services = ReturnType<typeof openServices>;

/** @param accessKey whose calls these are; default: those of the environment */
export function openServices(endpoint: string, accessKey?: string) {
  const credentials =
    accessKey === undefined ? {} : { credentials: { accessKeyId: accessKey, secretAccessKey: "none" } };
  const settings = { region, endpoint, ...credentials };
  return {
    dynamodb: new DynamoDBClient(settings),
    ec2: new EC2Client(settings),
    ecr: new ECRClient(settings),
    ecs: new ECSClient(settings),
    events: new EventBridgeClient(settings),
    iam: new IAMClient(settings),
    lambda: new LambdaClient(settings),
    logs: new CloudWatchLogsClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    scheduler: new SchedulerClient(settings),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
  };
}

/** What AWS calls something that the program's mocks gave another name. */
export type Renaming = readonly [declared: string, real: string];

export type Creator = (declared: Declared, services: Services) => Promise<Renaming | undefined>;

/**
 * @param inputs all that the program may say of such a resource; what isn't in it is an error, so that nothing that is
 *   declared is left out unseen
 */
export function creator<Inputs extends z.ZodRawShape>(
  inputs: Inputs,
  create: (
    inputs: z.infer<z.ZodObject<Inputs, z.core.$strict>>,
    services: Services,
    declared: Declared,
  ) => Promise<Renaming | undefined | unknown[] | object>,
): Creator {
  const schema = z.strictObject(inputs);
  return async (declared, services) => {
    const parsed = schema.safeParse(declared.inputs);
    if (!parsed.success) throw new Error(`${declared.type} ${declared.name}: ${z.prettifyError(parsed.error)}`);
    const made = await create(parsed.data, services, declared);
    return isRenaming(made) ? made : undefined;
  };
}

function isRenaming(made: unknown): made is Renaming {
  return Array.isArray(made) && made.length === 2 && made.every((part) => typeof part === "string");
}

export const Tags = z.record(z.string(), z.string()).optional();

/** As most services take tags. */
export function tagList(tags: z.infer<typeof Tags>): { Key: string; Value: string }[] {
  return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}
