/** Whether an object is there, and what S3 knows of it without sending it. */
import { HeadBucketCommand, HeadObjectCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import type { Clients } from "./client.ts";
import { awsFailure, statusOf } from "./failure.ts";

/** Looks at an object of a bucket, with the checksum S3 keeps of it. Undefined where there is none of that key. */
export type Head = (key: string) => Promise<HeadObjectCommandOutput | undefined>;

export function openHead({ s3 }: Pick<Clients, "s3">, bucket: string): Head {
  const whole = `bucket ${bucket}`;
  let known: Promise<unknown> | undefined;
  /** A HEAD says "not found" of a missing bucket, too; once is enough to tell them apart. */
  const bucketExists = (): Promise<unknown> => {
    known ??= s3.send(new HeadBucketCommand({ Bucket: bucket })).catch((thrown: unknown) => {
      known = undefined;
      const cause = statusOf(thrown) === 404 ? noSuchBucket(thrown) : thrown;
      throw awsFailure({ action: "s3:ListBucket", on: whole }, cause);
    });
    return known;
  };

  return async (key) => {
    try {
      return await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" }));
    } catch (thrown) {
      // HEAD is allowed by the action of GET
      if (statusOf(thrown) !== 404) throw awsFailure({ action: "s3:GetObject", on: `${whole}, key ${key}` }, thrown);
      await bucketExists();
      return undefined;
    }
  };
}

function noSuchBucket(cause: unknown): Error {
  const error = new Error("no such bucket", { cause });
  error.name = "NoSuchBucket";
  return error;
}
