/** Other processes, for tests of what happens between processes. They talk in lines. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Program {
  readonly child: ChildProcess;
  /** The next line it prints. */
  line(): Promise<string>;
  /** Everything it wrote to its standard error so far. */
  errors(): string;
  /** Ends its standard input, which our programs take as "go on and finish". @returns its exit code */
  finish(): Promise<number | null>;
  /** kill -9, and wait until it is over. */
  kill(): Promise<void>;
}

/** Starts `programs/<name>.ts`. */
export function startProgram(name: string, ...args: string[]): Program {
  const path = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const exited = once(child, "exit");
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const over = async (): Promise<number | null> => {
    await exited;
    return child.exitCode;
  };
  return {
    child,
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended without a line: ${errors}`);
      return value;
    },
    errors: () => errors,
    async finish() {
      child.stdin.end();
      return over();
    },
    async kill() {
      child.kill("SIGKILL");
      await over();
    },
  };
}
