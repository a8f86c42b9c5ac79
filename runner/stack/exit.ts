import type { TaskEnd } from "../deployment/task-end.ts";
import { ExitCode } from "../errors.ts";
import type { RunRecord } from "../records.ts";
import { exitCodeOf } from "../report/summary.ts";

const known: ReadonlyMap<number, ExitCode> = new Map(Object.values(ExitCode).map((code) => [code, code]));

/** The run's exit code, from the end of its task and its ledger entry. Both must show success for exit code 0. */
export function exitCodeAfter(end: TaskEnd, run: RunRecord | undefined): ExitCode {
  if (run?.state === "interrupted") return end.exitCode === ExitCode.interrupted ? end.exitCode : ExitCode.terminated;
  if (end.kind !== "exited") return ExitCode.cannotWork;
  const own = known.get(end.exitCode ?? ExitCode.cannotWork) ?? ExitCode.cannotWork;
  return own === ExitCode.complete && run !== undefined ? exitCodeOf(run) : own;
}
