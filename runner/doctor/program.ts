/** Does what draws work at all: a dry run of one plot, called exactly as a run calls it. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode } from "../errors.ts";
import { root } from "../root.ts";
import type { Settings } from "../settings.ts";
import { cleanLine, cleanLines } from "../text/clean.ts";
import { type Finding, ok, wrong } from "./check.ts";

export async function checkRscript(): Promise<Finding> {
  const { code, output } = await execute(["Rscript", "--version"], process.cwd(), process.env);
  return code === 0
    ? ok("R", cleanLine(output))
    : wrong(
        "R",
        "Rscript is not on the PATH",
        "install R 4.2 or later (Debian: apt-get install r-base-core), or use --r-image",
      );
}

/**
 * A dry run in the directory in which a run works.
 * @param jobText the YAML of a job with one plot
 * @param environment what R gets, with the library of the sample model
 */
export async function checkProgram(
  settings: Settings,
  jobText: string,
  environment: NodeJS.ProcessEnv,
): Promise<Finding> {
  const directory = await mkdtemp(join(tmpdir(), "replot-doctor-"));
  try {
    const job = join(directory, "job.yaml");
    await writeFile(job, jobText);
    const options = ["--config", job, "--output-dir", join(directory, "output"), "--dry-run"];
    // as the agent sets it: a remedy is found in messages that nobody translated
    const english = { ...environment, LANGUAGE: "en" };
    const { code, output } = await execute([...settings.rCommand, ...options], settings.data, english);
    const called = `${settings.rCommand.join(" ")}, in the working directory ${settings.data}`;
    if (code === 0) return ok("R program", called);
    const lines = cleanLines(output).slice(-5).join("\n");
    return wrong(
      "R program",
      `${called}: a dry run of one plot ended with ${code ?? "a signal"}:\n${lines}`,
      remedyFor(settings, output),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function remedyFor({ rCommand }: Settings, output: string): string {
  if (rCommand.some((word) => word.startsWith(root))) return `in ${root} run: make model`;
  const missing = /there is no package called [‘'"]([\w.]+)/.exec(output)?.[1];
  return missing === undefined ? "run the command above by hand" : `in R: install.packages("${missing}")`;
}

/** How a program ended, and what it wrote. */
export interface Execution {
  /** Null where it was killed, as one is that takes too long. */
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs a program to its end. Never rejects.
 * @param timeoutSeconds after which the program is killed
 * @returns its exit code and output; 127 and the reason when it cannot be started
 */
export function execute(
  command: readonly string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
  timeoutSeconds = 60,
): Promise<Execution> {
  return new Promise((resolve) => {
    const [program = "", ...words] = command;
    // unlike the option `timeout`, this leaves no timer behind when the program cannot be started
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const child = spawn(program, words, { cwd: directory, env: environment, signal });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", (error) => {
      // on a timeout "close" follows, with the signal that ended the child
      if (error.name === "AbortError") return;
      const why = systemCode(error) === "ENOENT" ? `${program}: no such program` : error.message;
      resolve({ code: 127, output: why });
    });
    child.on("close", (code) => resolve({ code, output }));
  });
}
