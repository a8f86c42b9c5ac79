/** What a command takes, from the outside: wall time, how busy the cores were, and the processes of R. Linux only. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readStat } from "../runner/processes.ts";
import { root } from "../runner/root.ts";

export interface Taken {
  readonly code: number | null;
  readonly wallSeconds: number;
  /** Share of all cores' time that was not idle, 0 to 1. */
  readonly busy: number;
  /** CPU seconds of all R processes. */
  readonly rSeconds: number;
  /** Largest resident memory of one R process, in MB. */
  readonly rMegabytes: number;
  readonly runnerSeconds: number;
  readonly runnerMegabytes: number;
}

/** Jiffies per second of /proc; 100 on every Linux that Node runs on. */
const ticks = 100;
const Probe = z.object({ cpuSeconds: z.number(), maxMegabytes: z.number() });

/** Runs the command line of replot and watches it. @param directory for the probe's file */
export async function take(args: readonly string[], directory: string): Promise<Taken> {
  const probeFile = join(directory, "probe.json");
  const processes = new Map<string, { seconds: number; megabytes: number }>();
  const look = setInterval(() => lookAtR(processes), 200);
  const [busyBefore, totalBefore] = coreTimes();
  const began = performance.now();
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(join(root, "bin/replot.js"), args, {
      env: { ...process.env, PROBE_FILE: probeFile, NODE_OPTIONS: `--import=${join(root, "bench/probe.ts")}` },
      stdio: ["ignore", "ignore", "inherit"],
    });
    child.on("error", reject);
    child.on("close", resolve);
  });
  const wallSeconds = (performance.now() - began) / 1000;
  clearInterval(look);
  const [busyAfter, totalAfter] = coreTimes();
  const runner = Probe.parse(JSON.parse(readFileSync(probeFile, "utf8")));
  const all = [...processes.values()];
  return {
    code,
    wallSeconds,
    busy: (busyAfter - busyBefore) / (totalAfter - totalBefore),
    rSeconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
    rMegabytes: Math.max(0, ...all.map(({ megabytes }) => megabytes)),
    runnerSeconds: runner.cpuSeconds,
    runnerMegabytes: runner.maxMegabytes,
  };
}

/** Remembers the CPU time and the largest memory of each R process as last seen. */
function lookAtR(processes: Map<string, { seconds: number; megabytes: number }>): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readStat(Number(pid));
      if (stat?.name !== "R") continue;
      const highest = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      processes.set(`${pid} ${stat.start}`, {
        seconds: stat.cpuTicks / ticks,
        megabytes: Number(highest ?? 0) / 1024,
      });
    } catch {
      // it has ended since
    }
  }
}

/** Busy and total jiffies of all cores. */
function coreTimes(): [number, number] {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = times.reduce((sum, time) => sum + time, 0);
  return [total - (times[3] ?? 0) - (times[4] ?? 0), total];
}
