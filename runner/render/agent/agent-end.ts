/** How an agent's process ended, with its last line of error output. */
import type { ChildProcess } from "node:child_process";
import { cleanLine, cleanLines } from "../../text/clean.ts";
import type { AgentEnd } from "./agent.ts";

/** Resolves when the process has ended, or could not be started. Never rejects. */
export function agentEnd(child: ChildProcess): Promise<AgentEnd> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, message: cleanLine(error.message) }));
    // not `close`: what the agent started may hold its error output open for a while
    child.once("exit", (code, signal) =>
      // the last words may still be on their way
      setImmediate(() => resolve({ code, signal, message: lastWords(said) })),
    );
  });
}

function lastWords(said: string): string {
  return (cleanLines(said).at(-1) ?? "").trim().replace(/^replot agent: /, "");
}
