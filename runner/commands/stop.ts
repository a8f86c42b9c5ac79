import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { stopTimeouts, taskId } from "../deployment/task-containers.ts";
import { endOfTask } from "../deployment/task-end.ts";
import { ExitCode, UnavailableError, UsageError } from "../errors.ts";
import { duration } from "../format/format.ts";
import type { RunRecord } from "../records.ts";
import { currentUser } from "../stack/current-user.ts";
import { describeTask, stopTask } from "../stack/ecs-task.ts";
import { runOfTask } from "../stack/follow.ts";
import { type Stack, withStack } from "../stack/open.ts";
import { openLedger } from "../stores/aws/ledger.ts";
import type { Ledger } from "../stores/ports.ts";
import { commandLine } from "./hints.ts";
import { examples, type StackOptions, stackOption } from "./options.ts";
import { note, printOutcome, printOutcomeAsJson } from "./output.ts";
import { findRun } from "./session.ts";

/** Seconds after which the task must have stopped: its stop timeout, and time for ECS to report it. */
const timeoutSeconds = stopTimeouts.runner + 80;
/** Seconds to wait for the ledger after the task has stopped. */
const ledgerSeconds = 10;

/** A command to paste that works on the same stack. */
type CommandHint = (words: string) => string;

export function addStop(program: Command): void {
  stackOption(program.command("stop"))
    .description("stops a run in AWS; what it has published stays, and it saves its progress")
    .argument("<run>", "its id, the beginning of one, or latest; or the id of its task")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot stop latest", "the run that is running now"],
        ["replot stop 2026-11-22T090000Z-full --stack prod", "the run with this id"],
      ]),
    )
    .action(async (name: string, options: StackOptions & { json?: boolean }) => {
      await withStack(options.stack, async (stack) => {
        const ledger = openLedger(stack.clients, stack.deployment.runsTable);
        const again: CommandHint = (words) => commandLine(words, options);
        const { arn, run } = await taskOf(stack, ledger, name, again);
        const stopping = await stopTask(stack, arn, `replot stop, by ${currentUser()}`);
        note(
          stopping
            ? `task ${taskId(arn)} received TERM; its time limit is ${duration(stopTimeouts.runner)}`
            : `task ${taskId(arn)} has already stopped`,
        );
        const ended = await waitForEnd(stack, ledger, arn, run, again);
        if (options.json) return printOutcomeAsJson(ended);
        const { run: after, how } = ended;
        if (after === undefined) return printOutcome(`The task stopped before it began a run: ${how}.`);
        return printOutcome(
          `Run ${after.id} has ended: ${after.state}${after.error === undefined ? "" : ` (${after.error})`}.` +
            (after.state === "complete" ? "" : `\nWhat is left of it:  ${again(`start --resume ${after.id}`)}`),
        );
      });
      process.exitCode = ExitCode.complete;
    });
}

async function taskOf(
  { deployment }: Stack,
  ledger: Ledger,
  name: string,
  again: CommandHint,
): Promise<{ readonly arn: string; readonly run: RunRecord | undefined }> {
  if (/^arn:|^[0-9a-f]{32}$|^[0-9a-f-]{36}$/.test(name)) {
    const arn = name.startsWith("arn:") ? name : `${deployment.cluster.replace(":cluster/", ":task/")}/${name}`;
    return { arn, run: await runOfTask(ledger, arn) };
  }
  const run = await findRun(ledger, name, again("start minimal"));
  if (run.state !== "running") throw new UsageError(`run ${run.id} has ended already (${run.state})`);
  if (!run.task.startsWith("arn:")) {
    throw new UsageError(`run ${run.id} is not a task of the stack; it runs on ${run.task}: stop it there with Ctrl-C`);
  }
  return { arn: run.task, run };
}

/** @throws UnavailableError if the task does not stop in time, or the ledger has no end of its run */
async function waitForEnd(
  stack: Stack,
  ledger: Ledger,
  arn: string,
  known: RunRecord | undefined,
  again: CommandHint,
): Promise<{ readonly run: RunRecord | undefined; readonly how: string }> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  let gone: number | undefined;
  for (;;) {
    const task = await describeTask(stack, arn);
    const stopped = task === undefined || task.lastStatus === "STOPPED";
    const run = known === undefined ? await runOfTask(ledger, arn) : await ledger.run(known.id);
    const how = task === undefined ? "ECS no longer knows the task" : endOfTask(task).what;
    if (run !== undefined && run.state !== "running") return { run, how };
    if (stopped) {
      gone ??= Date.now();
      if (run === undefined) return { run, how };
      if (Date.now() - gone > ledgerSeconds * 1000) {
        throw new UnavailableError(
          `the task of run ${run.id} has stopped, but the run did not record its end: ${how}\n` +
            `  what it published stays; the next run corrects the ledger: ${again("start")}`,
        );
      }
    }
    if (Date.now() > deadline) {
      throw new UnavailableError(
        `task ${taskId(arn)} has not stopped within ${duration(timeoutSeconds)}; check again later: ${again(`stop ${taskId(arn)}`)}`,
      );
    }
    await delay(1_000);
  }
}
