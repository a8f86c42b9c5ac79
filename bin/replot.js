#!/usr/bin/env -S node --max-semi-space-size=8
// Starts replot with the Node that its lock file pins, so that an older Node on the machine does no harm. The option
// keeps V8 from setting aside 100 MB for objects that live a moment: a full run fits in 300 MB, and takes no longer.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, "runner", "main.ts");
const major = Number(process.versions.node.split(".")[0]);

if (major >= 24) {
  await import(main);
} else {
  const pinned = join(root, "node_modules", "node", "bin", "node");
  if (!existsSync(pinned)) {
    console.error(`replot needs Node 24, this is ${process.version}; in ${root} run: npm ci`);
    process.exit(3);
  }
  const child = spawn(pinned, [...process.execArgv, main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
