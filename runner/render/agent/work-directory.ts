/**
 * The work directory that runner and agent share: its tree, and how files get into it. `docs/work-directory.md` has
 * the picture; `agent.sh` is the other side.
 */

import { randomUUID } from "node:crypto";
import { existsSync, unlinkSync } from "node:fs";
import { chmod, copyFile, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { credentialVariables } from "../../deployment/credential-variables.ts";
import type { CityCode } from "../../domain.ts";
import { systemCode, UsageError } from "../../errors.ts";
import { formatProcessRecord, type ProcessRecord } from "../../processes.ts";
import { cleanLine } from "../../text/clean.ts";
import { readOutput, UnfitOutput } from "../read-output.ts";

/** Name of a job and of its attempt's directory: `C.12580.1`. */
export type AttemptId = string;

export function attemptId(city: CityCode, attempt: number): AttemptId {
  return `${city}.${attempt}`;
}

/** Files of one attempt. */
export function attemptFiles(workDirectory: string, id: AttemptId) {
  const directory = join(workDirectory, "attempts", id);
  return {
    directory,
    job: join(directory, "job.yaml"),
    args: join(directory, "args"),
    deadline: join(directory, "deadline"),
    elapsed: join(directory, "elapsed"),
    log: join(directory, "log"),
    pid: join(directory, "pid"),
    killed: join(directory, "killed"),
    status: join(directory, "status"),
    cancel: join(directory, "cancel"),
    events: join(directory, "events"),
    temporary: join(directory, "tmp"),
    output: join(directory, "output"),
    ready: join(workDirectory, "jobs", "ready", id),
    done: join(workDirectory, "jobs", "done", id),
  };
}
export type AttemptFiles = ReturnType<typeof attemptFiles>;

/** Files that concern the agent as a whole. */
export function workFiles(workDirectory: string) {
  return {
    agentScript: join(workDirectory, "agent.sh"),
    settings: join(workDirectory, "settings"),
    attempts: join(workDirectory, "attempts"),
    ready: join(workDirectory, "jobs", "ready"),
    stop: join(workDirectory, "stop"),
    container: join(workDirectory, "container"),
    agent: join(workDirectory, "alive", "agent"),
    agentPid: join(workDirectory, "alive", "pid"),
    runner: join(workDirectory, "alive", "runner"),
    trouble: join(workDirectory, "alive", "trouble"),
    locale: join(workDirectory, "alive", "locale"),
    handshakeOfRunner: join(workDirectory, "handshake", "runner"),
    handshakeOfAgent: join(workDirectory, "handshake", "agent"),
    handshakeDone: join(workDirectory, "handshake", "done"),
  };
}

/** What the agent reads when it starts. */
export interface AgentSettings {
  /** R processes at once. */
  readonly workers: number;
  /** How R is called, word by word. */
  readonly command: readonly string[];
  /** R's working directory, where `simulations/` is found; the agent's own by default. */
  readonly cwd?: string;
  /** Further environment variables for R. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Environment variables that R must not see. Default {@link credentialVariables}. */
  readonly drop?: readonly string[];
  /** Seconds without a sign of life from the runner after which the agent ends. */
  readonly patienceSeconds: number;
  /** Seconds between two looks of the agent at everything it watches. */
  readonly tickSeconds: number;
  /** The runner's process, with which the agent ends, where the agent can see it. */
  readonly runner?: ProcessRecord | undefined;
}

/** Agent and R may be other users than the runner. A parent that only its owner enters keeps everybody else out. */
const forBothSides = 0o777;

/**
 * Lays out an empty work directory, or what is missing of it.
 * @param mode of the directory itself; undefined leaves it as it is
 */
export async function createWorkDirectory(
  workDirectory: string,
  settings: AgentSettings,
  mode: number | undefined,
): Promise<void> {
  const files = workFiles(workDirectory);
  await mkdir(workDirectory, { recursive: true });
  if (mode !== undefined) await chmod(workDirectory, mode);
  for (const part of ["settings", "alive", "handshake", "workers", "attempts", "jobs", "jobs/ready", "jobs/done"]) {
    await makeShared(join(workDirectory, part));
  }
  await writeWhole(join(files.settings, "workers"), lines([String(settings.workers)]));
  await writeWhole(join(files.settings, "command"), lines(settings.command));
  await writeWhole(join(files.settings, "cwd"), lines([settings.cwd ?? ""]));
  await writeWhole(join(files.settings, "drop"), lines((settings.drop ?? credentialVariables).map(variableName)));
  const environment = Object.entries(settings.environment ?? {});
  await writeWhole(
    join(files.settings, "environment"),
    lines(environment.map(([name, value]) => `${variableName(name)}=${value}`)),
  );
  await writeWhole(join(files.settings, "patience"), lines([milliseconds(settings.patienceSeconds)]));
  await writeWhole(join(files.settings, "tick"), lines([milliseconds(settings.tickSeconds)]));
  const { runner } = settings;
  await writeWhole(join(files.settings, "runner"), lines([runner === undefined ? "" : formatProcessRecord(runner)]));
}

/** Before each start of the agent: nothing of an earlier one may be taken for a sign of life. */
export async function prepareForAgent(workDirectory: string): Promise<void> {
  const files = workFiles(workDirectory);
  for (const old of [files.stop, files.agent, files.trouble, files.handshakeOfAgent, files.handshakeDone]) {
    await rm(old, { force: true });
  }
  // an agent that should be gone sees that the directory is no longer its own
  await writeWhole(join(files.settings, "session"), lines([randomUUID()]));
  await writeWhole(files.runner, beat(0));
  await writeWhole(files.handshakeOfRunner, lines(["renamed by the agent"]));
  // the agent's entry point waits for this file: it comes last
  const aside = `${files.agentScript}.new`;
  await copyFile(fileURLToPath(new URL("agent.sh", import.meta.url)), aside);
  await chmod(aside, 0o755);
  await rename(aside, files.agentScript);
}

/** What an attempt needs, in place before its job can be claimed. */
export interface JobOrder {
  /** The job file's text (YAML). */
  readonly job: string;
  /** R's arguments after the command; `{}/` at the start of one stands for the attempt's directory. */
  readonly args: readonly string[];
  readonly cityTimeoutSeconds: number;
}

/** Lays out an attempt's directory and its job. Once this resolves, any worker may claim it. */
export async function submitJob(files: AttemptFiles, order: JobOrder): Promise<void> {
  for (const directory of [files.directory, files.temporary, files.output]) await makeShared(directory);
  await writeWhole(files.job, order.job);
  await writeWhole(files.args, lines(order.args));
  await writeWhole(files.deadline, lines([milliseconds(order.cityTimeoutSeconds)]));
  // these lie ready at full length, so that the agent can still fill them when the disk is full
  for (const file of [files.elapsed, `${files.pid}.new`, `${files.killed}.new`, `${files.status}.new`]) {
    await writeWhole(file, beat(0));
  }
  await writeWhole(files.log, "");
  await writeWhole(`${files.cancel}.new`, "");
  await writeWhole(files.ready, "");
}

/** Takes a job back. False: a worker has claimed it. */
export async function withdrawJob(files: AttemptFiles): Promise<boolean> {
  return renamed(files.ready, files.done);
}

/** Has the agent kill an attempt's R. */
export async function cancelJob(files: AttemptFiles): Promise<void> {
  await renamed(`${files.cancel}.new`, files.cancel);
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Writes a file so that readers see it whole or not at all, and either side may rename it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  // hidden: the agent takes every other name in jobs/ready for a job
  const aside = join(dirname(file), `.${basename(file)}.new`);
  try {
    await writeFile(aside, text);
    await chmod(aside, 0o666);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw error;
  }
}

/** Moves the runner's heartbeat on, in place: that works on a full disk. */
export async function beatRunner(workDirectory: string, count: number): Promise<void> {
  const file = await open(workFiles(workDirectory).runner, "r+");
  try {
    await file.write(beat(count), 0);
  } finally {
    await file.close();
  }
}

/** Bytes of a file that holds a line, at most. */
const largestLine = 64 * 1024;

/** First line of a file, cleaned and trimmed; undefined where there is no such file (yet), or none that a line can be read from. */
export async function readLine(file: string): Promise<string | undefined> {
  try {
    const [line = ""] = readOutput(file, largestLine).toString("utf8").split("\n");
    return cleanLine(line);
  } catch (error) {
    if (isGone(error) || error instanceof UnfitOutput) return undefined;
    throw error;
  }
}

/** Names in a directory; none where it is gone. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Whether something of that name exists. */
export async function exists(path: string): Promise<boolean> {
  // asked several times a plot: a look that does not leave the thread costs a tenth
  return existsSync(path);
}

/** Removes a file, if it is still there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

export function isGone(error: unknown): boolean {
  return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
}

async function makeShared(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, forBothSides);
}

function beat(count: number): string {
  return `${String(count).padEnd(40)}\n`;
}

/** The agent counts in whole milliseconds. */
function milliseconds(seconds: number): string {
  return String(Math.ceil(seconds * 1000));
}

/** One word a line, as the agent reads them. */
function lines(words: readonly string[]): string {
  for (const word of words) {
    if (/[\n\0]/.test(word)) {
      throw new UsageError(`${JSON.stringify(word)} cannot be passed to R: it has a line break in it`);
    }
  }
  return words.map((word) => `${word}\n`).join("");
}

function variableName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new UsageError(`${JSON.stringify(name)} is no name of an environment variable`);
  }
  return name;
}
