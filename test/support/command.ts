/** The command line as a real process. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";

export const root = resolve(import.meta.dirname, "../..");

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  /** What it has written to standard error so far. */
  said(): string;
  readonly ended: Promise<Result>;
}

export function startProgram(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  directory: string = tmpdir(),
): Running {
  const child = spawn(process.execPath, [join(root, "runner/main.ts"), ...args], {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return listen(child);
}

/** Where one of a command's two outputs leads: to this test, or nowhere in one of three ways. */
export type Output = "kept" | "full disk" | "closed" | "reader gone";

/** The same command line with outputs that take nothing. */
export function startWithOutputs(
  args: readonly string[],
  outputs: { readonly stdout: Output; readonly stderr: Output },
  environment: NodeJS.ProcessEnv = {},
): Running {
  const redirected = ([descriptor, output]: readonly [number, Output]): string =>
    ({ kept: "", "reader gone": "", "full disk": ` ${descriptor}>/dev/full`, closed: ` ${descriptor}>&-` })[output];
  const redirections = [[1, outputs.stdout] as const, [2, outputs.stderr] as const].map(redirected).join("");
  const child = spawn(
    "sh",
    ["-c", `exec "$0" "$@"${redirections}`, process.execPath, join(root, "runner/main.ts"), ...args],
    { cwd: tmpdir(), env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] },
  );
  if (outputs.stdout === "reader gone") child.stdout.destroy();
  if (outputs.stderr === "reader gone") child.stderr.destroy();
  return listen(child);
}

/** Keeps what a process says, from now on until it ends. */
export function listen(child: ChildProcessByStdio<Writable | null, Readable, Readable>): Running {
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = new Promise<Result>((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => settle({ code, signal, ...output }));
  });
  return { process: child, said: () => output.stderr, ended };
}

/**
 * A command on a terminal of its own, with a person's answers.
 * @param answers each `QUESTION=ANSWER`, in the order of the questions; a part of the question's text is enough
 */
export function startOnTerminal(
  answers: readonly string[],
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  directory: string = tmpdir(),
): Running {
  const command = [process.execPath, join(root, "runner/main.ts"), ...args];
  const child = spawn("python3", [join(root, "test/support/answers.py"), ...answers, "--", ...command], {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return listen(child);
}

/**
 * The words of a command that a text prints, without the program's name: `rollback RUN --yes`.
 * @param label what stands before it in its line
 * @returns undefined where the text prints none
 */
export function printedCommand(text: string, label: RegExp): string[] | undefined {
  const line = text.split("\n").find((candidate) => label.test(candidate));
  return /(?:^|\s)\S*replot(?:\.js)? (\S.*)$/.exec(line ?? "")?.[1]?.split(" ");
}
