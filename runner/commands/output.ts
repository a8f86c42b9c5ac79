/**
 * Standard output and standard error. A closed terminal (EIO), a closed pipe (EPIPE) or a full
 * disk (ENOSPC) neither ends a run nor changes its exit code.
 */
import { OutputLost } from "../errors.ts";
import { withProgramName } from "./hints.ts";

/** Keeps a failed write to either stream from ending the process. Call it before anything is written. */
export function surviveLostOutput(): void {
  // the stream stays usable: each later write fails by itself, and `write` below reports it to its caller
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

/**
 * Prints the output of a command; commands in it can be pasted.
 * @throws OutputLost if standard output cannot be written
 */
export function print(text: string): Promise<void> {
  return printAsIs(withProgramName(text));
}

/** @throws OutputLost if standard output cannot be written */
export function printJson(value: unknown): Promise<void> {
  return printAsIs(json(value));
}

/** Prints foreign text unchanged, such as a log of R. @throws OutputLost if standard output cannot be written */
export async function printAsIs(text: string): Promise<void> {
  const error = await write(process.stdout, text);
  if (error !== undefined) throw new OutputLost(error);
}

/**
 * Prints the result of completed work. If standard output cannot be written, standard error says so; the exit code does
 * not change.
 */
export async function printOutcome(text: string): Promise<void> {
  await noteLoss(await write(process.stdout, withProgramName(text)));
}

/** The same as JSON. */
export async function printOutcomeAsJson(value: unknown): Promise<void> {
  await noteLoss(await write(process.stdout, json(value)));
}

/** Writes a line for people to standard error, beside the output for scripts. A failed write is ignored. */
export function note(text: string): void {
  void write(process.stderr, withProgramName(text));
}

async function noteLoss(error: Error | undefined): Promise<void> {
  if (error !== undefined) await write(process.stderr, `replot: ${new OutputLost(error).message}`);
}

/** Waits until everything is written, so that an exit cuts nothing off. @returns the error, where writing failed */
function write(stream: NodeJS.WriteStream, text: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    stream.write(text.endsWith("\n") ? text : `${text}\n`, (error) => resolve(error ?? undefined));
  });
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
