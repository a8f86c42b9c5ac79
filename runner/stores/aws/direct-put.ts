/**
 * One signed PUT without the SDK's chain of middleware, which takes a millisecond of CPU for each call: a third of all that
 * the runner spends on a plot. Signer, connections and credentials are the SDK's own. Only success counts here: whatever
 * else comes back, the caller makes the call again through the SDK, which repeats, classifies and words it.
 */
import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import type { HttpRequest, SourceData } from "@smithy/types";

export interface DirectPut {
  readonly key: string;
  readonly body: Uint8Array;
  /** Of the body, binary. */
  readonly sha256: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** @returns a function that resolves to true once S3 has accepted the object with its checksum */
export function directPuts(s3: S3Client, bucket: string): (put: DirectPut) => Promise<boolean> {
  let prepared: Promise<{ readonly signer: SignatureV4; readonly url: URL }> | undefined;

  async function prepare() {
    const { config } = s3;
    const region = await config.region();
    const endpoint = await config.endpoint?.();
    const { url } = config.endpointProvider({
      Bucket: bucket,
      Region: region,
      ForcePathStyle: config.forcePathStyle,
      ...(endpoint === undefined ? {} : { Endpoint: originOf(endpoint) }),
    });
    const signer = new SignatureV4({
      service: "s3",
      region,
      credentials: config.credentials,
      sha256: Sha256,
      uriEscapePath: false,
    });
    return { signer, url };
  }

  return async ({ key, body, sha256, headers }) => {
    prepared ??= prepare();
    const { signer, url } = await prepared;
    const checksum = sha256.toString("base64");
    const request: HttpRequest = {
      method: "PUT",
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === "" ? {} : { port: Number(url.port) }),
      // keys have letters, digits and `._/-` only: nothing to escape
      path: `${url.pathname.replace(/\/$/, "")}/${key}`,
      query: {},
      headers: {
        ...headers,
        host: url.host,
        "content-length": String(body.byteLength),
        "x-amz-checksum-sha256": checksum,
        // the signature covers the body by the same digest, computed once
        "x-amz-content-sha256": sha256.toString("hex"),
      },
      body,
    };
    const signed = await signer.sign(request);
    const { response } = await s3.config.requestHandler.handle({ ...signed, body });
    for await (const _ of response.body);
    const confirmed = response.headers["x-amz-checksum-sha256"];
    return response.statusCode === 200 && (confirmed === undefined || confirmed === checksum);
  };
}

function originOf({ protocol, hostname, port }: { protocol: string; hostname: string; port?: number }): string {
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
}

/** The day's signing key comes with every signature; Node takes five times as long to begin with bytes as with a key. */
const keys = new WeakMap<object, KeyObject>();

function keyOf(secret: SourceData): KeyObject | string {
  if (typeof secret === "string") return secret;
  const known = keys.get(secret) ?? createSecretKey(Buffer.from(bytesOf(secret)));
  keys.set(secret, known);
  return known;
}

/** SHA-256 as the signer takes it, plain or keyed. */
class Sha256 {
  private readonly hash;

  constructor(secret?: SourceData) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", keyOf(secret));
  }

  update(data: SourceData): void {
    this.hash.update(bytesOf(data));
  }

  reset(): void {
    throw new Error("a digest is made once");
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }
}

function bytesOf(data: SourceData): string | Uint8Array {
  if (typeof data === "string") return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
