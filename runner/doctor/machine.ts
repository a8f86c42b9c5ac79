/** What the machine has: Node, room on the disk, a state directory that can be written. */
import { rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../errors.ts";
import { size } from "../format/format.ts";
import { isAbsent } from "../stores/local/failure.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";

/** A full run of the sample model keeps about 2.5 GB of plots and a few cities of work files. */
const comfortableBytes = 5e9;
const leastBytes = 5e8;

export function checkNode(version = process.versions.node): Finding {
  const major = Number(version.split(".")[0]);
  return major >= 24
    ? ok("Node", version)
    : wrong(
        "Node",
        `${version} is too old`,
        "run replot through npx, which uses the Node of the lock file, or install Node 24",
      );
}

/** Can the state directory be written, or where there is none yet, be made? It is not made here. */
export async function checkHome(home: string): Promise<Finding> {
  try {
    const place = await nearestExisting(home);
    const probe = join(place, `.doctor-${process.pid}`);
    await writeFile(probe, "");
    await rename(probe, `${probe}-renamed`);
    await rm(`${probe}-renamed`);
    return ok("State directory", place === home ? home : `${home} (the first run makes it)`);
  } catch (error) {
    return wrong("State directory", messageOf(error), `make ${home} writable, or choose another with --home`);
  }
}

/** @param prune the command that makes room there */
export async function checkDisk(home: string, prune: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearestExisting(home));
  const free = bavail * bsize;
  const detail = `${size(free)} free at ${home}`;
  if (free < leastBytes) return wrong("Disk", detail, `make room: ${prune} removes plots that nothing names any more`);
  if (free < comfortableBytes) return warn("Disk", detail, "enough for small presets; a full run wants 5 GB");
  return ok("Disk", detail);
}

/** The path itself, or the nearest directory above it that exists. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (thrown) {
    const above = dirname(path);
    if (!isAbsent(thrown) || above === path) throw thrown;
    return nearestExisting(above);
  }
}
