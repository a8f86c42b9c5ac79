/** What a crashed run left behind: R processes that still draw, a container, a work directory. */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf, systemCode, UnavailableError } from "../../errors.ts";
import { killRecorded, parseProcessRecord } from "../../processes.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { attemptFiles, exists, namesIn, readLine, workFiles } from "./work-directory.ts";

/**
 * Ends what still works in a work directory whose runner is dead, then empties and removes it. Call it only where no
 * other run can be using the directory.
 * @returns whether there was one
 * @throws UnavailableError where it cannot be removed
 */
export async function killLeftovers(workDirectory: string): Promise<boolean> {
  // a volume is there before its first run, and empty
  if ((await namesIn(workDirectory)).length === 0) return false;
  if (await exists(workFiles(workDirectory).container)) {
    // the process ids in it are the container's own, whatever the record has become
    const record = parseContainerRecord((await readLine(workFiles(workDirectory).container)) ?? "");
    if (record) await promisify(execFile)(record.engine, ["rm", "--force", record.name]).catch(() => {});
  } else {
    // the agent first: its workers could start another R
    const agent = parseProcessRecord(await readLine(workFiles(workDirectory).agentPid));
    if (agent) killRecorded(agent);
    await killRecordedGroups(workDirectory);
  }
  await removeWorkDirectory(workDirectory).catch((error: unknown) => {
    throw new UnavailableError(`cannot remove what an earlier run left (${messageOf(error)}); remove ${workDirectory}`);
  });
  return true;
}

/**
 * The same for every work directory below one. Call it only under the lock, when no run can be at work.
 * @returns the names of those there were
 */
export async function sweepWorkDirectories(parent: string): Promise<string[]> {
  const swept: string[] = [];
  for (const name of await namesIn(parent)) if (await killLeftovers(join(parent, name))) swept.push(name);
  return swept;
}

/** Kills the R processes of attempts that have not ended, by what the agent wrote down about them. */
export async function killRecordedGroups(workDirectory: string): Promise<void> {
  for (const id of await namesIn(workFiles(workDirectory).attempts)) {
    const files = attemptFiles(workDirectory, id);
    if (await exists(files.status)) continue;
    const record = parseProcessRecord(await readLine(files.pid));
    if (record) killRecorded(record);
  }
}

/** A container of an agent, as it is recorded in the work directory: `podman replot-4711-0a1b2c3d`. */
export interface ContainerRecord {
  readonly engine: ContainerEngine;
  readonly name: string;
}

/** Reads that record. The container itself may write in it: what is not a record of ours names nothing to be called. */
export function parseContainerRecord(line: string): ContainerRecord | undefined {
  const [, engine, name = ""] = /^(docker|podman) (replot-\d+-[0-9a-f]{8})$/.exec(line) ?? [];
  return engine === "docker" || engine === "podman" ? { engine, name } : undefined;
}

/** Removes a work directory; of one that is not ours to remove (a mounted volume), what is in it. */
export async function removeWorkDirectory(workDirectory: string): Promise<void> {
  for (const name of await namesIn(workDirectory)) {
    await rm(join(workDirectory, name), { recursive: true, force: true, maxRetries: 3 });
  }
  await rm(workDirectory, { recursive: true, force: true }).catch((error: unknown) => {
    if (!["EBUSY", "EACCES", "EPERM", "EROFS"].includes(systemCode(error) ?? "")) throw error;
  });
}
