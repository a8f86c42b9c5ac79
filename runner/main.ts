/** The command line. Each command is one file in `commands/`; errors become exit codes here. */
import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { addData } from "./commands/data.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addLogs } from "./commands/logs.ts";
import { addNotify } from "./commands/notify.ts";
import { addPlan } from "./commands/plan.ts";
import { addPrune } from "./commands/prune.ts";
import { addRegenerate } from "./commands/regenerate.ts";
import { addRollback } from "./commands/rollback.ts";
import { addRuns } from "./commands/runs.ts";
import { addShow } from "./commands/show.ts";
import { addStart } from "./commands/start.ts";
import { addStop } from "./commands/stop.ts";
import { addVerify } from "./commands/verify.ts";
import { ExitCode, ReplotError } from "./errors.ts";
import { version } from "./version.ts";

const program = new Command("replot")
  .description("Regenerates a modelling group's plots: plans, renders in R, checks, publishes, reports.")
  .version(version)
  .showHelpAfterError("(see --help)")
  .showSuggestionAfterError()
  .exitOverride();
const commands = [
  addRegenerate,
  addStart,
  addStop,
  addData,
  addNotify,
  addPlan,
  addRuns,
  addShow,
  addLogs,
  addVerify,
  addRollback,
  addPrune,
  addDoctor,
];
for (const add of commands) add(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = tell(error);
}
// calls that a stopped run gave up on must not keep the process
setTimeout(() => process.exit(), 2_000).unref();

/** Says on standard error what a person needs; a stack only for a bug. */
function tell(error: unknown): number {
  // commander has said it already
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.wrongRequest;
  if (error instanceof ReplotError) {
    process.stderr.write(`${styleText("red", "replot:", { stream: process.stderr })} ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `replot: this is a bug; please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return ExitCode.cannotWork;
}
