/** A bucket in S3. */
import { hash } from "node:crypto";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  type _Error as Kept,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import { UnavailableError } from "../../errors.ts";
import { checkKey, checkPrefix } from "../object-key.ts";
import type { NewObject, ObjectStore } from "../ports.ts";
import type { Clients } from "./client.ts";
import { directPuts } from "./direct-put.ts";
import { awsFailure, statusOf } from "./failure.ts";
import { defaultAttempts } from "./retry.ts";

/** The most that one DeleteObjects takes. */
const removedAtOnce = 1000;
/** Reasons to keep a key in DeleteObjects that can be gone the next time. */
const passing: ReadonlySet<string> = new Set(["InternalError", "ServiceUnavailable", "SlowDown"]);

/**
 * The store over a bucket. An object counts as confirmed when S3 has accepted it with the SHA-256 computed here, which it
 * compares with what arrived before it stores anything. S3 answers with the checksum; a stand-in for it may not.
 */
export function openObjects(
  clients: Pick<Clients, "s3" | "region" | "connections" | "again" | "count">,
  bucket: string,
): ObjectStore {
  const { s3, region, connections } = clients;
  // more would only wait for a connection, with their signatures growing old
  const limit = pLimit(connections);
  const at = (key: string): string => `bucket ${bucket}, key ${key}`;
  const whole = `bucket ${bucket}`;

  const direct = directPuts(s3, bucket);

  const put = async (object: NewObject): Promise<void> => {
    const sha256 = hash("sha256", object.body, "buffer");
    const { key, body } = object;
    if (await direct({ key, body, sha256, headers: headersOf(object) }).catch(() => false)) return;
    await clients.again(0);
    await putThroughSdk(object, sha256.toString("base64"));
  };

  const putThroughSdk = async (object: NewObject, checksum: string): Promise<void> => {
    const { key, body, contentType, contentEncoding, cacheControl, metadata } = object;
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentType: contentType,
      ContentEncoding: contentEncoding,
      CacheControl: cacheControl,
      Metadata: metadata === undefined ? undefined : { ...metadata },
      ChecksumSHA256: checksum,
    });
    const call = { action: "s3:PutObject", on: at(key) };
    const { ChecksumSHA256: confirmed } = await s3.send(command).catch((thrown: unknown) => {
      throw awsFailure(call, thrown);
    });
    if (confirmed !== undefined && confirmed !== checksum) {
      throw new UnavailableError(
        `${call.action} for ${call.on}: stored with the checksum ${confirmed}, sent with ${checksum}`,
      );
    }
  };

  const get = async (key: string): Promise<Uint8Array | undefined> => {
    const call = { action: "s3:GetObject", on: at(key) };
    for (let transfer = 1; ; transfer += 1) {
      const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch((thrown: unknown) => {
        if (thrown instanceof NoSuchKey) return undefined;
        throw awsFailure(call, thrown);
      });
      try {
        // compared with the stored checksum by the SDK as it is read
        return await answer?.Body?.transformToByteArray();
      } catch (thrown) {
        // the SDK repeats calls, but not transfers that break off after their head
        if (transfer === defaultAttempts) throw awsFailure(call, thrown);
        await clients.again(transfer - 1);
      }
    }
  };

  let known: Promise<unknown> | undefined;
  /** A HEAD says "not found" of a missing bucket, too; once is enough to tell them apart. */
  const bucketExists = (): Promise<unknown> => {
    known ??= s3.send(new HeadBucketCommand({ Bucket: bucket })).catch((thrown: unknown) => {
      known = undefined;
      if (statusOf(thrown) === 404) throw awsFailure({ action: "s3:ListBucket", on: whole }, noSuchBucket(thrown));
      throw awsFailure({ action: "s3:ListBucket", on: whole }, thrown);
    });
    return known;
  };

  const has = async (key: string): Promise<boolean> => {
    try {
      await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return true;
    } catch (thrown) {
      // HEAD is allowed by the action of GET
      if (statusOf(thrown) !== 404) throw awsFailure({ action: "s3:GetObject", on: at(key) }, thrown);
      await bucketExists();
      return false;
    }
  };

  /** @returns the keys that S3 kept, each with its reason */
  const removeBatch = async (keys: readonly string[]): Promise<Kept[]> => {
    const kept: Kept[] = [];
    let left = keys;
    for (let repetition = 0; left.length > 0; repetition += 1) {
      const command = new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: left.map((Key) => ({ Key })), Quiet: true },
      });
      const { Errors: errors = [] } = await s3.send(command).catch((thrown: unknown) => {
        throw awsFailure({ action: "s3:DeleteObject", on: `${whole}, ${left.length} keys from ${left[0]}` }, thrown);
      });
      // the answer as a whole is a success, so the SDK repeats none of these
      const again = repetition < defaultAttempts ? errors.filter(({ Code }) => passing.has(Code ?? "")) : [];
      kept.push(...errors.filter((error) => !again.includes(error)));
      left = again.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      if (left.length > 0) await clients.again(repetition);
    }
    return kept;
  };

  return {
    async put(object) {
      checkKey(object.key);
      clients.count("objectsWritten");
      await limit(() => put(object));
    },

    async get(key) {
      checkKey(key);
      return limit(() => get(key));
    },

    async has(key) {
      checkKey(key);
      return limit(() => has(key));
    },

    async *list(prefix) {
      checkPrefix(prefix);
      try {
        for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
          for (const { Key: key, Size: bytes } of page.Contents ?? []) {
            if (key !== undefined && bytes !== undefined) yield { key, bytes };
          }
        }
      } catch (thrown) {
        throw awsFailure({ action: "s3:ListBucket", on: whole }, thrown);
      }
    },

    async remove(keys) {
      keys.forEach(checkKey);
      const kept: Kept[] = [];
      for (let from = 0; from < keys.length; from += removedAtOnce) {
        kept.push(...(await removeBatch(keys.slice(from, from + removedAtOnce))));
      }
      if (kept.length === 0) return;
      const told = kept.slice(0, 3).map(({ Key, Code, Message }) => `${Key}: ${Code} (${Message})`);
      const more = kept.length > told.length ? `; and ${kept.length - told.length} more` : "";
      throw new UnavailableError(
        `s3:DeleteObject failed for ${kept.length} of ${keys.length} objects of ${whole}: ${told.join("; ")}${more}`,
      );
    },

    location: (key) => `https://${region}.console.aws.amazon.com/s3/object/${bucket}?region=${region}&prefix=${key}`,
  };
}

function headersOf({ contentType, contentEncoding, cacheControl, metadata = {} }: NewObject): Record<string, string> {
  const own = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    "content-type": contentType,
    ...(contentEncoding === undefined ? {} : { "content-encoding": contentEncoding }),
    ...(cacheControl === undefined ? {} : { "cache-control": cacheControl }),
    ...Object.fromEntries(own),
  };
}

function noSuchBucket(cause: unknown): Error {
  const error = new Error("no such bucket", { cause });
  error.name = "NoSuchBucket";
  return error;
}
