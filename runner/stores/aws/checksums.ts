/** SHA-256 of objects in S3, without reading them where somebody has computed it before. */
import { createHash } from "node:crypto";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { z } from "zod";
import { Sha256 } from "../../domain.ts";
import { ledgerKeys, runsTable } from "../../layout.ts";
import { parseStored } from "../stored.ts";
import type { Clients } from "./client.ts";
import { awsFailure } from "./failure.ts";
import { readObject } from "./transfer.ts";

/** Metadata that `replot data push` writes for services that keep no SHA-256 of their own. */
export const sha256Metadata = "sha256";

/** A year: an input that is still used is remembered again then. */
const keptSeconds = 365 * 24 * 3600;

const Remembered = z.object({ etag: z.string(), version: z.string(), sha256: Sha256 });

/** The checksum of an object as a HEAD has just seen it. */
export type ObjectChecksum = (key: string, head: HeadObjectCommandOutput) => Promise<Sha256>;

/**
 * What S3 keeps of the whole object; else what the upload wrote beside it; else it is read through, once, and
 * remembered in a table as long as ETag and version are the same.
 */
export function openChecksums(clients: Clients, bucket: string, table: string): ObjectChecksum {
  const { dynamodb } = clients;
  const on = `table ${table}`;

  const recall = async (key: string, etag: string, version: string): Promise<Sha256 | undefined> => {
    const command = new GetItemCommand({ TableName: table, Key: marshall(ledgerKeys.input(key)) });
    const { Item: item } = await dynamodb.send(command).catch((thrown: unknown) => {
      throw awsFailure({ action: "dynamodb:GetItem", on }, thrown);
    });
    if (item === undefined) return undefined;
    const known = parseStored(Remembered, unmarshall(item), `${on}: checksum of ${key}`);
    return known.etag === etag && known.version === version ? known.sha256 : undefined;
  };

  const remember = async (key: string, known: z.infer<typeof Remembered>): Promise<void> => {
    const expires = { [runsTable.expires]: Math.floor(Date.now() / 1000) + keptSeconds };
    const item = marshall({ ...ledgerKeys.input(key), ...known, ...expires });
    await dynamodb.send(new PutItemCommand({ TableName: table, Item: item })).catch((thrown: unknown) => {
      throw awsFailure({ action: "dynamodb:PutItem", on }, thrown);
    });
  };

  return async (key, head) => {
    const stored = wholeChecksum(head) ?? head.Metadata?.[sha256Metadata];
    const told = Sha256.safeParse(stored);
    if (told.success) return told.data;
    const { ETag: etag = "", VersionId: version = "" } = head;
    const known = await recall(key, etag, version);
    if (known !== undefined) return known;
    const hash = createHash("sha256");
    await readObject(
      clients,
      { bucket, key, etag },
      { begin: async () => {}, chunk: async (bytes) => void hash.update(bytes) },
    );
    const sha256 = Sha256.parse(hash.digest("hex"));
    await remember(key, { etag, version, sha256 });
    return sha256;
  };
}

/** Of an object uploaded in parts S3 keeps a checksum of the parts' checksums, which says nothing about its bytes. */
function wholeChecksum({ ChecksumSHA256: base64, ChecksumType: type }: HeadObjectCommandOutput): string | undefined {
  if (base64 === undefined || type === "COMPOSITE" || base64.includes("-")) return undefined;
  return Buffer.from(base64, "base64").toString("hex");
}
