/** How R ended, in the words of an e-mail. */
import { count, duration } from "../words.ts";
import type { End } from "./end.ts";
import { errorLines, lastLines, uncaughtError } from "./log.ts";

/** Plots that were asked for, and how many never came. */
export interface Came {
  readonly due: number;
  readonly missing: number;
}

/** One attempt's end for the ledger: `exit 0`, `R was killed for memory (exit 137)`. */
export function describeEnd(end: End, log: string): string {
  if (end.kind === "exited" && end.code <= 1) return `exit ${end.code}`;
  return explain(end, log, undefined);
}

/** Why plots are missing, after the last attempt. */
export function explainMissing(end: End, log: string, came: Came): string {
  return explain(end, log, came);
}

function explain(end: End, log: string, came: Came | undefined): string {
  switch (end.kind) {
    case "exited":
      return explainExit(end.code, log, came);
    case "killed":
      return explainKill(end);
    case "timed-out":
      return `R ran longer than its deadline of ${duration(end.deadlineSeconds)} and was stopped`;
    case "agent-died":
      return `R's side of the work directory died: ${end.detail}`;
    case "worker-died":
      return "the worker that ran R was killed";
    case "work-directory-gone":
      return "the work directory was deleted while R worked in it";
    case "disk-full":
      return `disk full: ${end.detail}`;
    case "cancelled":
      return "stopped before it was finished";
  }
}

function explainExit(code: number, log: string, came: Came | undefined): string {
  if (code === 0) {
    return came ? `R exited 0 but ${count(came.missing)} of ${count(came.due)} plots never appeared` : "exit 0";
  }
  const said = errorLines(log);
  if (code === 1 && said.length > 0) {
    return `R reported that some plots could not be drawn (exit 1): ${atMost(said, 5)}`;
  }
  const error = uncaughtError(log) ?? said.at(-1) ?? lastLines(log, 1)[0];
  const what = code === 125 || code === 126 || code === 127 ? "R could not be started" : "R stopped with an error";
  return error === undefined ? `${what} (exit ${code}) and said nothing` : `${what} (exit ${code}): ${shorten(error)}`;
}

function explainKill({ signal, code, outOfMemory }: End & { kind: "killed" }): string {
  if (signal !== "SIGKILL") return `R was ended by a signal (${signal}, exit ${code})`;
  if (outOfMemory === true) return `R was killed for memory (exit ${code})`;
  if (outOfMemory === undefined) return `R was killed (SIGKILL, exit ${code}), most likely for memory`;
  return `R was killed from outside (SIGKILL, exit ${code}); the kernel reports no kill for memory`;
}

function atMost(texts: readonly string[], most: number): string {
  const shown = texts.slice(0, most).map(shorten).join("; ");
  return texts.length > most ? `${shown}; and ${texts.length - most} more` : shown;
}

/** A line fit for an e-mail. */
function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
