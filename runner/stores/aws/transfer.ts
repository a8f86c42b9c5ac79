/** Reads an input from S3 chunk by chunk: the very version that was seen before, from the beginning where it broke off. */
import { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { ReplotError, UnavailableError } from "../../errors.ts";
import type { Clients } from "./client.ts";
import { awsFailure, statusOf } from "./failure.ts";
import { defaultAttempts } from "./retry.ts";

export interface SeenObject {
  readonly bucket: string;
  readonly key: string;
  /** Of the version that is wanted; undefined takes whatever is there. */
  readonly etag: string | undefined;
}

/** Where the bytes go. What it throws as a `ReplotError` ends the transfer for good. */
export interface Sink {
  /** A transfer begins: what came of an earlier one is void. */
  begin(): Promise<void>;
  chunk(bytes: Buffer): Promise<void>;
}

/** @throws {UnavailableError} where the object has changed or is gone since it was seen, or can't be read */
export async function readObject(
  { s3, again }: Pick<Clients, "s3" | "again">,
  { bucket, key, etag }: SeenObject,
  sink: Sink,
): Promise<void> {
  const call = { action: "s3:GetObject", on: `bucket ${bucket}, key ${key}` };
  for (let transfer = 1; ; transfer += 1) {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag });
    const { Body: body } = await s3.send(command).catch((thrown: unknown) => {
      if (statusOf(thrown) === 412 || statusOf(thrown) === 404) throw changed(key, bucket);
      throw awsFailure(call, thrown);
    });
    if (!(body instanceof Readable)) throw new Error("the SDK for Node answers with a stream of Node's");
    try {
      await sink.begin();
      for await (const chunk of body) await sink.chunk(chunk);
      return;
    } catch (thrown) {
      if (thrown instanceof ReplotError) throw thrown;
      // the SDK repeats calls, but not transfers that break off after their head
      if (transfer === defaultAttempts) throw awsFailure(call, thrown);
      await again(transfer - 1);
    } finally {
      body.destroy();
    }
  }
}

function changed(key: string, bucket: string): UnavailableError {
  return new UnavailableError(
    `the input ${key} changed or was removed in bucket ${bucket} after the run had planned with it; run again when the ` +
      "upload is complete",
  );
}
