/** How one start of R ended. */
import { constants } from "node:os";

export type End =
  /** R ended by itself. */
  | { readonly kind: "exited"; readonly code: number }
  /** A signal ended R, and it was not we who sent it. */
  | {
      readonly kind: "killed";
      readonly signal: string;
      readonly code: number;
      /** Whether the kernel killed something for memory meanwhile; undefined where it doesn't tell. */
      readonly outOfMemory: boolean | undefined;
    }
  | { readonly kind: "timed-out"; readonly deadlineSeconds: number }
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
  readonly deadlineSeconds: number;
  /** Undefined where it could not be found out. */
  readonly freeBytes: number | undefined;
  readonly outOfMemory: boolean | undefined;
  /** The end of R's log. */
  readonly log: string;
}

/** With less than this a disk counts as full: no figure fits. */
const fullDiskBytes = 256 * 1024;

/** What an attempt's status means. */
export function judgeEnd(status: Status | undefined, seen: Circumstances): End {
  if (status?.by === "deadline") return { kind: "timed-out", deadlineSeconds: seen.deadlineSeconds };
  if (status?.by === "cancel") return { kind: "cancelled" };
  if (status?.by === "worker") return { kind: "worker-died" };
  if (status?.by === "agent") return { kind: "agent-died", detail: "the agent ended while R worked" };
  const lost = fullDisk(seen);
  if (status === undefined) {
    return lost ?? { kind: "agent-died", detail: "the agent left no exit status" };
  }
  if (status.code === 0) return { kind: "exited", code: 0 };
  if (lost !== undefined) return lost;
  const signal = signalName(status.code - 128);
  return signal === undefined
    ? { kind: "exited", code: status.code }
    : { kind: "killed", signal, code: status.code, outOfMemory: seen.outOfMemory };
}

function fullDisk({ freeBytes, log }: Circumstances): End | undefined {
  const said = log.split("\n").findLast((line) => /no space left on device|disk quota exceeded/i.test(line));
  if (said !== undefined) return { kind: "disk-full", detail: said.trim() };
  if (freeBytes !== undefined && freeBytes < fullDiskBytes) {
    return { kind: "disk-full", detail: `${Math.floor(freeBytes / 1024)} kB are free` };
  }
  return undefined;
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
