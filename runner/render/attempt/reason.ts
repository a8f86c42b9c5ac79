/** Why an attempt did not bring what it was asked for: the kind, which programs read, and words for an e-mail. */

import { count, duration } from "../../format/format.ts";
import type { AttemptRecord, ReasonKind } from "../../records.ts";
import { shorten } from "../../text/clean.ts";
import type { End } from "./end.ts";
import { findErrors } from "./log-errors.ts";

/** Why plots of a city are missing. */
export interface Reason {
  readonly kind: ReasonKind;
  readonly text: string;
}

/** Plots that were asked for, and how many never came. */
export interface Came {
  readonly due: number;
  readonly missing: number;
}

/** One attempt's end for the ledger: `exit 0`, `R was killed for memory (exit 137)`. @param log cleaned lines */
export function describeEnd(end: End, log: readonly string[]): Required<Pick<AttemptRecord, "end" | "endKind">> {
  const words = end.kind === "exited" && end.code <= 1 ? `exit ${end.code}` : explain(end, log, undefined);
  return { end: words, endKind: end.kind };
}

/** Why plots are missing, after the last attempt. @param log cleaned lines */
export function explainMissing(end: End, log: readonly string[], came: Came): Reason {
  return { kind: end.kind, text: explain(end, log, came) };
}

function explain(end: End, log: readonly string[], came: Came | undefined): string {
  switch (end.kind) {
    case "exited":
      return explainExit(end.code, log, came);
    case "out-of-memory":
      return explainMemory(end, came);
    case "killed":
      return explainKill(end);
    case "timed-out":
      return `R ran longer than its deadline of ${duration(end.cityTimeoutSeconds)} and was stopped`;
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

function explainExit(code: number, log: readonly string[], came: Came | undefined): string {
  if (code === 0) return neverAppeared(code, came);
  const { logged, uncaught, uncaughtIsLast, lastWords } = findErrors(log);
  if (code === 1 && logged.length > 0 && !(uncaught !== undefined && uncaughtIsLast)) {
    return `R reported that some plots could not be drawn (exit 1): ${atMost(summarized(logged), 5)}`;
  }
  const error = uncaught ?? logged.at(-1) ?? lastWords;
  const what = code === 125 || code === 126 || code === 127 ? "R could not be started" : "R stopped with an error";
  return error === undefined ? `${what} (exit ${code}) and said nothing` : `${what} (exit ${code}): ${shorten(error)}`;
}

function neverAppeared(code: number, came: Came | undefined): string {
  return came
    ? `R exited ${code} but ${count(came.missing)} of ${count(came.due)} plots never appeared`
    : `exit ${code}`;
}

function explainMemory({ victim, code, detail }: End & { kind: "out-of-memory" }, came: Came | undefined): string {
  switch (victim) {
    case "R":
      return `R was killed for memory (exit ${code})`;
    case "nobody":
      return `R ran out of memory (exit ${code}): ${shorten(detail ?? "")}`;
    case "the agent":
      return `R's side of the work directory died: ${detail}; the kernel killed a process for memory`;
    case "another process":
      return `${neverAppeared(code ?? 0, came)}; meanwhile the kernel killed a process for memory, most likely one that R had started`;
  }
}

function explainKill({ signal, code, outOfMemory }: End & { kind: "killed" }): string {
  if (signal !== "SIGKILL") return `R was ended by a signal (${signal}, exit ${code})`;
  if (outOfMemory === undefined) return `R was killed (SIGKILL, exit ${code}), most likely for memory`;
  return `R was killed from outside (SIGKILL, exit ${code}); the kernel reports no kill for memory`;
}

/** What stands before a message that is about one plot: `[12/27] C.12580/cessation/new_mean_unfaceted: `. */
const aboutOnePlot = /^(?:\[[^\]]*\]\s*)?(?:[^\s:]+\/[^\s:]+:\s+)?/;

/** Each message once, with the number of plots that it is about. */
function summarized(errors: readonly string[]): string[] {
  const byMessage = Map.groupBy(errors, (error) => error.replace(aboutOnePlot, ""));
  return [...byMessage].map(([message, all]) => {
    const [first = message] = all;
    const which = first.slice(0, first.length - message.length).replace(/:?\s*$/, "");
    if (all.length === 1) return first;
    return which === "" ? `${message} (${all.length} times)` : `${message} (${all.length} times, first for ${which})`;
  });
}

function atMost(texts: readonly string[], most: number): string {
  const shown = texts.slice(0, most).map((text) => shorten(text));
  return texts.length > most ? `${shown.join("; ")}; and ${texts.length - most} more` : shown.join("; ");
}
