/** The command line. Each command is one file in `commands/`; errors become exit codes here. */
import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { type CommandName, withProgramName } from "./commands/hints.ts";
import { surviveLostOutput } from "./commands/output.ts";
import { ExitCode, OutputLost, ReplotError } from "./errors.ts";
import { version } from "./version.ts";

surviveLostOutput();

const program = new Command("replot")
  .description("Regenerates a modelling group's plots: plans, renders in R, checks, publishes, reports.")
  .version(version)
  .showHelpAfterError("(see --help)")
  .showSuggestionAfterError()
  .exitOverride();
/** Each function adds a command to the program. Modules are loaded on demand, since AWS clients take memory and time. */
const commands: Readonly<Record<CommandName, () => Promise<(program: Command) => void>>> = {
  init: async () => (await import("./commands/init.ts")).addInit,
  regenerate: async () => (await import("./commands/regenerate.ts")).addRegenerate,
  start: async () => (await import("./commands/start.ts")).addStart,
  stop: async () => (await import("./commands/stop.ts")).addStop,
  data: async () => (await import("./commands/data.ts")).addData,
  notify: async () => (await import("./commands/notify.ts")).addNotify,
  plan: async () => (await import("./commands/plan.ts")).addPlan,
  runs: async () => (await import("./commands/runs.ts")).addRuns,
  show: async () => (await import("./commands/show.ts")).addShow,
  logs: async () => (await import("./commands/logs.ts")).addLogs,
  verify: async () => (await import("./commands/verify.ts")).addVerify,
  rollback: async () => (await import("./commands/rollback.ts")).addRollback,
  keep: async () => (await import("./commands/keep.ts")).addKeep,
  prune: async () => (await import("./commands/prune.ts")).addPrune,
  doctor: async () => (await import("./commands/doctor.ts")).addDoctor,
  check: async () => (await import("./commands/check.ts")).addCheck,
};
const [name = ""] = process.argv.slice(2);
const called = Object.entries(commands).find(([command]) => command === name)?.[1];
// help and suggestions need all commands
for (const load of called === undefined ? Object.values(commands) : [called]) (await load())(program);

try {
  await program.parseAsync();
} catch (error) {
  // a closed pipe does not change the exit code
  if (!(error instanceof OutputLost && error.readerGone)) process.exitCode = printError(error);
}
// calls that a stopped run has abandoned must not keep the process alive
setTimeout(() => process.exit(), 2_000).unref();

/** Prints the error's message, and a stack trace only for a bug. @returns the exit code */
function printError(error: unknown): number {
  // commander has printed the message
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.wrongRequest;
  if (error instanceof ReplotError) {
    const message = withProgramName(error.message);
    process.stderr.write(`${styleText("red", "replot:", { stream: process.stderr })} ${message}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `replot: this is a bug; please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return ExitCode.cannotWork;
}
