/** Uploads a file as one object. The file is streamed, so that memory use does not depend on its size. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Sha256 } from "../domain.ts";
import { sha256Metadata } from "../stores/aws/checksums.ts";
import type { Clients } from "../stores/aws/client.ts";
import { awsFailure, codeOf, statusOf } from "../stores/aws/failure.ts";
import { defaultAttempts } from "../stores/aws/retry.ts";

export interface Upload {
  readonly file: string;
  readonly key: string;
  /** Size of the file when its checksum was computed. */
  readonly bytes: number;
  readonly sha256: Sha256;
}

/** The file changed between its checksum and the end of its upload. */
export class ChangedDuringUpload extends Error {
  override readonly name = "ChangedDuringUpload";
}

/** Milliseconds without traffic before a connection is closed. The whole upload has no time limit. */
const socketTimeout = 30_000;

/** @returns a function that resolves when S3 has confirmed the object; it throws {@link ChangedDuringUpload} if the file changed */
export function openUpload({ settings, again }: Clients, bucket: string): (upload: Upload) => Promise<void> {
  const s3 = new S3Client({
    ...settings,
    forcePathStyle: "endpoint" in settings,
    requestHandler: { ...settings.requestHandler, socketTimeout, requestTimeout: 0 },
    // the SDK would warn that it does not retry streams; retries are made below
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });

  const put = async ({ file, key, bytes, sha256 }: Upload): Promise<void> => {
    const giveUp = new AbortController();
    const body =
      bytes === 0 ? Buffer.alloc(0) : Readable.from(verifiedChunks(file, bytes, sha256), { objectMode: false });
    let broken: unknown;
    if (body instanceof Readable) {
      body.on("error", (error) => {
        broken = error;
        giveUp.abort();
      });
    }
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentLength: bytes,
      ContentType: "application/octet-stream",
      ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
      Metadata: { [sha256Metadata]: sha256 },
    });
    try {
      await s3.send(command, { abortSignal: giveUp.signal });
    } catch (thrown) {
      throw broken ?? thrown;
    } finally {
      if (body instanceof Readable) body.destroy();
    }
  };

  return async (upload) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await put(upload);
      } catch (thrown) {
        if (thrown instanceof ChangedDuringUpload) throw thrown;
        if (attempt === defaultAttempts || !isTransient(thrown)) {
          throw awsFailure({ action: "s3:PutObject", on: `bucket ${bucket}, key ${upload.key}` }, thrown);
        }
        await again(attempt - 1);
      }
    }
  };
}

/**
 * The file's bytes. The last chunk is sent only if the checksum of the whole file is right, so that a file that changes
 * during its upload never becomes an object.
 */
async function* verifiedChunks(file: string, bytes: number, sha256: Sha256): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let held: Buffer | undefined;
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    if (held !== undefined) yield held;
    const part: Buffer = chunk;
    hash.update(part);
    read += part.byteLength;
    held = part;
    if (read > bytes) break;
  }
  if (read !== bytes || hash.digest("hex") !== sha256) {
    throw new ChangedDuringUpload("it changed while it was uploaded; push again when it is complete");
  }
  if (held !== undefined) yield held;
}

/** Whether a later attempt may succeed: after a broken connection, throttling, or an error of the service. */
function isTransient(thrown: unknown): boolean {
  const status = statusOf(thrown);
  if (codeOf(thrown) === "CredentialsProviderError") return false;
  return status === undefined || status >= 500 || status === 429 || /SlowDown|Timeout|BadDigest/.test(codeOf(thrown));
}
