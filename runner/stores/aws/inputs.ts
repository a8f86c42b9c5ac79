/** Simulation files in S3, brought to the directory where R reads them for as long as a city is at work. */
import { createHash } from "node:crypto";
import { chmod, type FileHandle, mkdir, open, rename, rm, statfs } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import { type CityCode, type ModelId, type ScenarioId, Sha256 } from "../../domain.ts";
import { messageOf, systemCode, UnavailableError } from "../../errors.ts";
import { size } from "../../format/format.ts";
import { inputPaths } from "../../layout.ts";
import type { CityInputs, InputFile, Inputs } from "../ports.ts";
import { openChecksums } from "./checksums.ts";
import type { Clients } from "./client.ts";
import { awsFailure, statusOf } from "./failure.ts";
import { openObjects } from "./objects.ts";
import { readObject } from "./transfer.ts";

export interface InputsOptions {
  readonly bucket: string;
  /** Table `runs`, which remembers checksums that S3 doesn't have. */
  readonly table: string;
  /** Where `simulations/` is to lie for R. Only what was fetched is ever removed from it. */
  readonly directory: string;
  readonly model: ModelId;
}

/** A connection brings some 60 to 90 MB a second: four fill what a task of this size has. */
const transfersAtOnce = 4;
/** R is another user than the runner. */
const readable = { directory: 0o755, file: 0o644 } as const;

/** Inputs in a bucket, under the same paths as below a data directory. */
export function openInputs(clients: Clients, { bucket, table, directory, model }: InputsOptions): Inputs {
  const objects = openObjects(clients, bucket);
  const checksum = openChecksums(clients, bucket, table);
  const limit = pLimit(transfersAtOnce);
  /** ETag of each file as it was described: what is fetched later must be that very version. */
  const etags = new Map<string, string>();
  const fetched = new Map<CityCode, readonly InputFile[]>();

  /** Keys below a prefix. Listed rather than tried one by one: S3 tells a missing object from a hidden one in lists only. */
  const present = async (prefix: string): Promise<Set<string>> => {
    const keys = new Set<string>();
    for await (const { key } of objects.list(prefix)) keys.add(key);
    return keys;
  };

  const file = async (path: string): Promise<InputFile | undefined> => {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: path, ChecksumMode: "ENABLED" });
    const seen = await clients.s3.send(command).catch((thrown: unknown) => {
      if (statusOf(thrown) === 404) return undefined; // removed since it was listed
      throw awsFailure({ action: "s3:GetObject", on: `bucket ${bucket}, key ${path}` }, thrown);
    });
    if (seen === undefined) return undefined;
    const sha256 = await checksum(path, seen);
    if (seen.ETag !== undefined) etags.set(version(path, sha256), seen.ETag);
    return { path, bytes: seen.ContentLength ?? 0, sha256 };
  };

  const bring = async ({ path, sha256 }: InputFile): Promise<void> => {
    const target = join(directory, path);
    const seen = { bucket, key: path, etag: etags.get(version(path, sha256)) };
    const arrived = await download(clients, seen, `${target}.part`);
    if (arrived !== sha256) {
      throw new UnavailableError(
        `the input ${path} in bucket ${bucket} has another checksum (${arrived.slice(0, 12)}…) than the one stored with ` +
          `it (${sha256.slice(0, 12)}…); upload it again: replot data push`,
      );
    }
    await rename(`${target}.part`, target);
  };

  const release = async (city: CityCode): Promise<void> => {
    for (const { path } of fetched.get(city) ?? []) {
      await rm(join(directory, path), { force: true });
      await rm(join(directory, `${path}.part`), { force: true });
    }
    fetched.delete(city);
  };

  return {
    async describe(city: CityCode, scenarios: readonly ScenarioId[]) {
      const base = inputPaths.baseline(model, city);
      const prerun = scenarios.map((id) => [id, inputPaths.scenario(model, city, id)] as const);
      const [first] = prerun;
      const listed = await Promise.all([present(base), first === undefined ? [] : present(`${dirname(first[1])}/`)]);
      const keys = new Set(listed.flatMap((some) => [...some]));
      const wanted = async (path: string) => (keys.has(path) ? file(path) : undefined);
      const [baseline, ...found] = await Promise.all([wanted(base), ...prerun.map(([, path]) => wanted(path))]);
      const there = scenarios.flatMap((id, n) => {
        const input = found[n];
        return input === undefined ? [] : [[id, input] as const];
      });
      return { baseline, scenarios: new Map(there) };
    },

    async fetch(city: CityCode, inputs: CityInputs) {
      const files = [inputs.baseline ?? [], ...inputs.scenarios.values()].flat();
      fetched.set(city, files);
      try {
        for (const { path } of files) await makeReadable(directory, dirname(path));
        await checkSpace(directory, files);
        // every transfer comes to its end, so that none still writes what is removed below
        const ends = await Promise.allSettled(files.map((input) => limit(() => bring(input))));
        for (const end of ends) if (end.status === "rejected") throw end.reason;
      } catch (thrown) {
        await release(city);
        throw await explained(thrown, directory, files);
      }
    },

    release,
  };
}

function version(path: string, sha256: Sha256): string {
  return `${path} ${sha256}`;
}

/** Streams an object to a file. @returns the checksum of what arrived */
async function download(clients: Clients, seen: Parameters<typeof readObject>[1], path: string): Promise<Sha256> {
  let hash = createHash("sha256");
  let target: FileHandle | undefined;
  const onDisk = async (write: () => Promise<void>): Promise<void> => {
    // the disk's refusal must not pass for a broken transfer, which is repeated
    await write().catch((thrown: unknown) => {
      throw systemCode(thrown) === "ENOSPC"
        ? new DiskFull()
        : new UnavailableError(`could not write ${path}: ${messageOf(thrown)}`);
    });
  };
  try {
    await readObject(clients, seen, {
      begin: () =>
        onDisk(async () => {
          await target?.close();
          target = await open(path, "w", readable.file);
          hash = createHash("sha256");
        }),
      chunk: (bytes) =>
        onDisk(async () => {
          hash.update(bytes);
          await target?.writeFile(bytes);
        }),
    });
  } finally {
    await target?.close();
  }
  await chmod(path, readable.file);
  return Sha256.parse(hash.digest("hex"));
}

/** Makes directories that R's user may enter, whatever the umask. */
async function makeReadable(root: string, below: string): Promise<void> {
  const first = await mkdir(join(root, below), { recursive: true });
  if (first === undefined) return;
  let made = first;
  await chmod(made, readable.directory);
  for (const part of relative(first, join(root, below)).split("/")) {
    made = join(made, part);
    await chmod(made, readable.directory);
  }
}

class DiskFull extends UnavailableError {
  constructor() {
    super("no space left");
  }
}

async function checkSpace(directory: string, files: readonly InputFile[]): Promise<void> {
  if ((await freeBytes(directory)) < sumOf(files)) throw new DiskFull();
}

async function explained(thrown: unknown, directory: string, files: readonly InputFile[]): Promise<unknown> {
  if (!(thrown instanceof DiskFull)) return thrown;
  return new UnavailableError(
    `the city's inputs need ${size(sumOf(files))}, and ${directory} has ${size(await freeBytes(directory))} free; give the ` +
      "task more ephemeral storage (`pulumi config set ephemeralStorage <GiB>`, then `pulumi up`) or fewer workers",
  );
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

function sumOf(files: readonly InputFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
