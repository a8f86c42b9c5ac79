/**
 * Checksums of large files, computed once: a file whose path, size, times and inode are as they were has the checksum it
 * had. What `make` and git do, with git's caution about files that are younger than a clock's tick.
 */
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import { Sha256 } from "../../domain.ts";
import { UnavailableError } from "../../errors.ts";
import type { StateDatabase } from "./database.ts";
import { isAbsent, storeFailure } from "./failure.ts";

export interface Checksums {
  /** Undefined where there is no such file. */
  of(path: string): Promise<{ readonly bytes: number; readonly sha256: Sha256 } | undefined>;
}

/** A file changed so recently could change again and keep its times: on the coarsest file systems they tick in 2 s. */
const tooYoung = 2_000_000_000n;
const chunkBytes = 1 << 20;
const attempts = 3;

const Remembered = z.object({ sha256: Sha256 }).optional();

/**
 * Checksums remembered in the state database.
 * @param now milliseconds since 1970
 */
export function openChecksums(database: StateDatabase, now: () => number = Date.now): Checksums {
  return {
    async of(path) {
      let file: FileHandle;
      try {
        file = await open(path, "r");
      } catch (thrown) {
        if (isAbsent(thrown)) return undefined;
        throw storeFailure("could not read the input", path, thrown);
      }
      try {
        return await checksum(database, path, file, now);
      } catch (thrown) {
        throw storeFailure("could not read the input", path, thrown);
      } finally {
        await file.close();
      }
    },
  };
}

async function checksum(database: StateDatabase, path: string, file: FileHandle, now: () => number) {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const before = await file.stat({ bigint: true });
    const bytes = Number(before.size);
    const remembered = Remembered.parse(
      await database.get("SELECT sha256 FROM input_checksums WHERE path = ? AND identity = ?", path, identity(before)),
    );
    if (remembered !== undefined) return { bytes, sha256: remembered.sha256 };

    const began = BigInt(now()) * 1_000_000n;
    const sha256 = await digest(file);
    const after = await file.stat({ bigint: true });
    if (identity(after) !== identity(before)) continue;
    if (began - after.ctimeNs > tooYoung) {
      await database.transaction((transaction) =>
        transaction.run(
          "INSERT OR REPLACE INTO input_checksums (path, identity, sha256) VALUES (?, ?, ?)",
          path,
          identity(after),
          sha256,
        ),
      );
    }
    return { bytes, sha256 };
  }
  throw new UnavailableError(
    `the input ${path} changes while it is read (${attempts} attempts); run again once it is complete`,
  );
}

function identity(stats: BigIntStats): string {
  return [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino, stats.dev].join(" ");
}

async function digest(file: FileHandle): Promise<Sha256> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
    if (bytesRead === 0) return Sha256.parse(hash.digest("hex"));
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}
