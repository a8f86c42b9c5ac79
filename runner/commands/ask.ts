/** Questions on the terminal. */
import { createInterface } from "node:readline/promises";

/** Asks on the terminal. @returns the answer; empty where the input ended without one. Ctrl-C ends the process. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  terminal.once("close", () => ended.abort());
  terminal.once("SIGINT", () => {
    terminal.close();
    process.kill(process.pid, "SIGINT");
  });
  try {
    return await terminal.question(question, { signal: ended.signal });
  } catch (thrown) {
    if (!ended.signal.aborted) throw thrown;
    process.stderr.write("\n");
    return "";
  } finally {
    terminal.close();
  }
}
