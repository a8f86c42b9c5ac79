/** Uploads simulation files that the catalog names and that are missing or different in the data bucket. */
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import type { Catalog } from "../catalog/catalog.ts";
import { Sha256 } from "../domain.ts";
import { messageOf, ReplotError, systemCode, UsageError } from "../errors.ts";
import { plural, size } from "../format/format.ts";
import { inputPaths } from "../layout.ts";
import { openChecksums } from "../stores/aws/checksums.ts";
import type { Clients } from "../stores/aws/client.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import { openObjects } from "../stores/aws/objects.ts";
import { ChangedDuringUpload, openUpload } from "./upload.ts";

export interface PushOptions {
  readonly catalog: Catalog;
  /** The directory that contains `simulations/`. */
  readonly directory: string;
  readonly bucket: string;
  /** Table `runs`, which stores checksums that S3 does not have. */
  readonly table: string;
  readonly dryRun: boolean;
  /** Called with one line per uploaded file. */
  readonly onProgress: (text: string) => void;
}

/** Paths below the directory, which are the keys in the bucket. */
export interface Pushed {
  readonly uploaded: readonly string[];
  /** Total size of the uploaded files. */
  readonly bytes: number;
  readonly unchanged: readonly string[];
  readonly refused: readonly { readonly path: string; readonly why: string }[];
  /** Files below `simulations/` that the catalog does not name. */
  readonly unknown: readonly string[];
  /** Files that the catalog names and that exist neither in the directory nor in the bucket. */
  readonly missing: readonly string[];
}

/** The largest object of a single PUT. */
const largestBytes = 5 * 1024 ** 3;
const atOnce = 4;

/** @throws UsageError if the directory has no `simulations/`, UnavailableError if AWS refuses */
export async function pushInputs(clients: Clients, options: PushOptions): Promise<Pushed> {
  const { catalog, bucket, table, dryRun, onProgress } = options;
  const directory = resolve(options.directory);
  const found = await filesBelow(directory);
  const known = new Set(knownPaths(catalog));
  const local = found.filter((path) => known.has(path));
  const [example] = known;
  if (local.length === 0) {
    throw new UsageError(
      `none of the ${plural(found.length, "file")} below ${directory}/simulations is one that the catalog names, such as ` +
        `${example}; is it the right directory, and the right --catalog?`,
    );
  }
  const remote = new Set<string>();
  for await (const { key } of openObjects(clients, bucket).list(`simulations/${catalog.model}/`)) remote.add(key);

  const checksumOf = openChecksums(clients, bucket, table);
  const upload = openUpload(clients, bucket);
  const limit = pLimit(atOnce);
  const result = {
    uploaded: [] as string[],
    bytes: 0,
    unchanged: [] as string[],
    refused: [] as { path: string; why: string }[],
  };

  /** @returns the file's checksum if the bucket lacks the file or has another content; undefined if it has the same */
  const changed = async (path: string, before: Stats): Promise<Sha256 | undefined> => {
    const sha256 = await checksumOfFile(join(directory, path));
    if (!remote.has(path)) return sha256;
    const command = new HeadObjectCommand({ Bucket: bucket, Key: path, ChecksumMode: "ENABLED" });
    const seen = await clients.s3.send(command).catch((thrown: unknown) => {
      throw awsFailure({ action: "s3:GetObject", on: `bucket ${bucket}, key ${path}` }, thrown);
    });
    const same = seen.ContentLength === before.size && (await checksumOf(path, seen)) === sha256;
    return same ? undefined : sha256;
  };

  let failed = false;
  const push = async (path: string): Promise<void> => {
    try {
      // if AWS refuses one file, it refuses the others too
      if (!failed) await compareAndUpload(path);
    } catch (thrown) {
      if (
        thrown instanceof ChangedDuringUpload ||
        (systemCode(thrown) !== undefined && !(thrown instanceof ReplotError))
      ) {
        result.refused.push({ path, why: messageOf(thrown) });
        return;
      }
      failed = true;
      throw thrown;
    }
  };

  const compareAndUpload = async (path: string): Promise<void> => {
    const file = join(directory, path);
    const before = await stat(file);
    if (before.size > largestBytes) {
      result.refused.push({ path, why: `${size(before.size)} are more than one upload takes (5 GiB)` });
      return;
    }
    const sha256 = await changed(path, before);
    if (sha256 === undefined) {
      result.unchanged.push(path);
      return;
    }
    if (!dryRun) await upload({ file, key: path, bytes: before.size, sha256 });
    result.uploaded.push(path);
    result.bytes += before.size;
    onProgress(`${dryRun ? "would upload" : "uploaded"} ${path} (${size(before.size)})`);
  };

  const ends = await Promise.allSettled(local.map((path) => limit(() => push(path))));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  const here = new Set(local);
  return {
    ...result,
    unknown: found.filter((path) => !known.has(path)),
    missing: [...known].filter((path) => !here.has(path) && !remote.has(path)),
  };
}

function knownPaths({ model, cities, scenarios }: Catalog): string[] {
  return [...cities.keys()].flatMap((city) => [
    inputPaths.baseline(model, city),
    ...[...scenarios.keys()].map((scenario) => inputPaths.scenario(model, city, scenario)),
  ]);
}

async function filesBelow(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(join(directory, "simulations"), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map(({ parentPath, name }) => relative(directory, join(parentPath, name)))
      .sort();
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT" && systemCode(thrown) !== "ENOTDIR") throw thrown;
    throw new UsageError(
      `there is no directory simulations/ in ${directory}; name the one that has it, such as .replot/data`,
    );
  }
}

async function checksumOfFile(file: string): Promise<Sha256> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return Sha256.parse(hash.digest("hex"));
}
