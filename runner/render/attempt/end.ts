/** How one start of R ended. */
import { constants } from "node:os";
import { findErrors } from "./log-errors.ts";

export type End =
  /** R ended by itself. */
  | { readonly kind: "exited"; readonly code: number }
  /** Memory ran out. */
  | {
      readonly kind: "out-of-memory";
      /** Whom the kernel killed, or that R itself could not allocate. */
      readonly victim: "R" | "another process" | "the agent" | "nobody";
      /** R's exit code; undefined where the agent left none. */
      readonly code: number | undefined;
      /** What R, or the agent, said last. */
      readonly detail: string | undefined;
    }
  /** A signal ended R, and it was not we who sent it. */
  | {
      readonly kind: "killed";
      readonly signal: string;
      readonly code: number;
      /** False: the kernel killed nothing for memory meanwhile. Undefined: it doesn't tell. */
      readonly outOfMemory: false | undefined;
    }
  | { readonly kind: "timed-out"; readonly cityTimeoutSeconds: number }
  | { readonly kind: "agent-died"; readonly detail: string }
  | { readonly kind: "worker-died" }
  | { readonly kind: "work-directory-gone" }
  | { readonly kind: "disk-full"; readonly detail: string }
  | { readonly kind: "cancelled" };

/** What the agent wrote into an attempt's `status`: `137 deadline`. */
export interface Status {
  readonly code: number;
  /** Who ended R: `itself`, or why the agent killed it. */
  readonly by: "itself" | "deadline" | "cancel" | "worker" | "agent";
}

/** Reads a status line; undefined if it is none. */
export function parseStatus(line: string | undefined): Status | undefined {
  const match = /^(\d+) (itself|deadline|cancel|worker|agent)$/.exec(line ?? "");
  const by = (["itself", "deadline", "cancel", "worker", "agent"] as const).find((word) => word === match?.[2]);
  return by === undefined ? undefined : { code: Number(match?.[1]), by };
}

/** What the runner saw around the end. */
export interface Circumstances {
  readonly cityTimeoutSeconds: number;
  /** Undefined where it could not be found out. */
  readonly freeBytes: number | undefined;
  /** Whether the kernel killed a process for memory while R ran; undefined where it doesn't tell. */
  readonly outOfMemory: boolean | undefined;
  /** The last lines of R's log, cleaned. */
  readonly log: readonly string[];
}

/** With less than this a disk counts as full: no figure fits. */
const fullDiskBytes = 256 * 1024;

/** What an attempt's status means. */
export function judgeEnd(status: Status | undefined, seen: Circumstances): End {
  if (status?.by === "deadline") return { kind: "timed-out", cityTimeoutSeconds: seen.cityTimeoutSeconds };
  if (status?.by === "cancel") return { kind: "cancelled" };
  if (status?.by === "worker") return { kind: "worker-died" };
  if (status?.by === "agent") return { kind: "agent-died", detail: "the agent ended while R worked" };
  const lost = fullDisk(seen);
  if (status === undefined) {
    return lost ?? { kind: "agent-died", detail: "the agent left no exit status" };
  }
  const { code } = status;
  if (code === 0) return { kind: "exited", code };
  if (lost !== undefined) return lost;
  const signal = signalName(code - 128);
  if (signal === undefined) return failedAllocation(code, seen.log) ?? { kind: "exited", code };
  if (signal === "SIGKILL" && seen.outOfMemory === true) {
    return { kind: "out-of-memory", victim: "R", code, detail: undefined };
  }
  return { kind: "killed", signal, code, outOfMemory: seen.outOfMemory === undefined ? undefined : false };
}

/**
 * An end that a kill for memory explains better, once it is known whether plots are missing: R ends with 0 or 1 though
 * the kernel killed a process that R started (`mclapply` only warns), and so may the agent.
 * @param killedForMemory whether the kernel killed a process meanwhile
 */
export function explainByMemory(end: End, killedForMemory: boolean | undefined, plotsMissing: boolean): End {
  if (killedForMemory !== true) return end;
  if (end.kind === "agent-died") {
    return { kind: "out-of-memory", victim: "the agent", code: undefined, detail: end.detail };
  }
  if (end.kind !== "exited" || end.code > 1 || !plotsMissing) return end;
  return { kind: "out-of-memory", victim: "another process", code: end.code, detail: undefined };
}

/** R's own words for want of memory, and those of C and C++ below it. */
const allocation = /cannot allocate (?:vector|memory|buffer)|std::bad_alloc|memory exhausted|MemoryError/i;

function failedAllocation(code: number, log: readonly string[]): End | undefined {
  const { logged, uncaught } = findErrors(log);
  const detail = [...logged, uncaught].findLast((error) => error !== undefined && allocation.test(error));
  return detail === undefined ? undefined : { kind: "out-of-memory", victim: "nobody", code, detail };
}

function fullDisk({ freeBytes, log }: Circumstances): End | undefined {
  const said = log.findLast((line) => /no space left on device|disk quota exceeded/i.test(line));
  if (said !== undefined) return { kind: "disk-full", detail: said.trim() };
  if (freeBytes !== undefined && freeBytes < fullDiskBytes) {
    return { kind: "disk-full", detail: `${Math.floor(freeBytes / 1024)} kB are free` };
  }
  return undefined;
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
