import type { Command } from "commander";
import type { Catalog } from "../catalog/catalog.ts";
import { loadCatalog } from "../catalog/load.ts";
import { resolveSelection } from "../catalog/select.ts";
import { taskId } from "../deployment/task-containers.ts";
import { endOfTask } from "../deployment/task-end.ts";
import { ExitCode, Locked, ReplotError, UsageError } from "../errors.ts";
import { duration, plural } from "../format/format.ts";
import { runKeys } from "../layout.ts";
import { selectionWords } from "../report/selection.ts";
import { interruptionCode, listenForInterrupts } from "../run/interrupt.ts";
import { readSettings } from "../settings.ts";
import { currentUser } from "../stack/current-user.ts";
import { exitCodeAfter } from "../stack/exit.ts";
import { type Followed, followTask } from "../stack/follow.ts";
import { lastLines } from "../stack/log-lines.ts";
import { type Stack, withStack } from "../stack/open.ts";
import { runTask } from "../stack/run-task.ts";
import { openLedger } from "../stores/aws/ledger.ts";
import { readLock } from "../stores/aws/lock.ts";
import { openObjects } from "../stores/aws/objects.ts";
import type { Ledger } from "../stores/ports.ts";
import { commandLine } from "./hints.ts";
import { examples, onlyOf, type PlotOptions, plotOptions, type StackOptions, stackOption, whole } from "./options.ts";
import { note, printOutcome, printOutcomeAsJson } from "./output.ts";
import { findRun } from "./session.ts";

interface Options extends StackOptions, PlotOptions {
  readonly catalog?: string;
  readonly workers?: number;
  /** Undefined to use the stack's configuration. */
  readonly spot?: boolean;
  readonly html?: boolean;
  readonly selfContained?: boolean;
  readonly force?: boolean;
  readonly resume?: string | true;
  readonly logs?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

export function addStart(program: Command): void {
  plotOptions(stackOption(program.command("start")))
    .description("starts a run in AWS and follows it to its end")
    .argument("[preset]", "what to draw, by the catalog (default: that of replot.yaml, or full)")
    .option("--catalog <file>", "the stack's catalog, against which the request is checked (default: the checkout's)")
    .option("--workers <number>", "processes of R at once (default: as the stack is configured)", whole)
    .option("--spot", "use Fargate Spot: cheaper, but AWS may interrupt the run (default: as the stack is configured)")
    .option("--no-spot", "do not use Fargate Spot")
    .option("--html", "a page beside each current plot")
    .option("--self-contained", "such pages that need no other file; each has 5 MB")
    .option("--force", "skip nothing; rewrite objects too")
    .option("--resume [run]", "a new run that does what that one (default: the latest) left undone")
    .option("--logs", "print the runner's log")
    .option("--detach", "start the run and return at once")
    .option("--json", "the result as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot start test", "four cities, 108 plots, in the selected stack"],
        ["replot start full --city Baltimore --stack prod --logs", "one city, with the runner's log"],
        ["replot start full --spot --detach", "the weekly run on Fargate Spot, without waiting for its end"],
        ["replot start --resume", "what the latest run left undone"],
      ]),
    )
    .action(async (preset: string | undefined, options: Options) => {
      const settings = readSettings({ ...(options.catalog && { catalog: options.catalog }) });
      const catalog = await loadCatalog(settings.catalog);
      // checked before Pulumi or AWS is called, so that a wrong request starts nothing
      const asked =
        options.resume === undefined ? requestWords(catalog, preset ?? settings.preset, options) : undefined;
      if (options.resume !== undefined) refuseBesideResume(preset, options);
      process.exitCode = await withStack(options.stack, (stack) => start(stack, catalog, asked, options));
    });
}

/** The command line of the task. */
function requestWords(catalog: Catalog, preset: string, options: Options): string[] {
  const { only } = resolveSelection(catalog, preset, onlyOf(options));
  return [
    "regenerate",
    preset,
    ...selectionWords({ only }),
    ...(options.force ? ["--force"] : []),
    ...(options.selfContained ? ["--self-contained"] : options.html ? ["--html"] : []),
  ];
}

function refuseBesideResume(preset: string | undefined, options: Options): void {
  const asked = [preset, options.force, options.html, options.selfContained, ...Object.values(onlyOf(options))];
  if (asked.every((value) => value === undefined)) return;
  throw new UsageError(
    "--resume does what its run was asked for; leave the preset and the selection out, --force, --html and --self-contained too",
  );
}

async function start(
  stack: Stack,
  catalog: Catalog,
  asked: readonly string[] | undefined,
  options: Options,
): Promise<ExitCode> {
  const { deployment, clients } = stack;
  const ledger = openLedger(clients, deployment.runsTable);
  const words = asked ?? (await resumeWords(ledger, options));
  if (words === undefined) {
    await (options.json
      ? printOutcomeAsJson(null)
      : printOutcome("The latest run is complete; nothing is left to resume."));
    return ExitCode.complete;
  }
  await refuseWhileLocked(stack, options);
  const capacity = options.spot === undefined ? deployment.capacity : options.spot ? "FARGATE_SPOT" : "FARGATE";
  const workers = options.workers === undefined ? [] : ["--workers", String(options.workers)];
  const command = [...words, ...workers];
  const stop = new AbortController();
  let arn: string | undefined;
  const removeSignalHandlers = listenForInterrupts(stop, () => note("no longer following; the task keeps running"));
  try {
    note(`stack ${deployment.stack}: replot ${command.join(" ")}  (${capacity}, ${sizeOf(stack)})`);
    arn = await runTask(
      stack,
      { words: command, capacity, startedBy: `replot/${currentUser()}` },
      {
        signal: stop.signal,
        onWait: (reason, seconds) => note(`not started yet: ${reason}; retry in ${duration(seconds)}`),
      },
    );
    note(`task ${taskId(arn)}`);
    if (options.detach) {
      await (options.json ? printOutcomeAsJson({ task: arn }) : printOutcome(nextCommands(taskId(arn), options)));
      return ExitCode.complete;
    }
    const followed = await followTask(stack, arn, {
      ledger,
      nameOf: (city) => catalog.cities.get(city)?.shortName ?? city,
      print: note,
      logs: options.logs === true,
      signal: stop.signal,
    });
    if (followed === undefined) {
      note(`the run continues\n${nextCommands(taskId(arn), options)}`);
      return interruptionCode(stop.signal) ?? ExitCode.interrupted;
    }
    return await printResult(stack, arn, followed, options);
  } catch (thrown) {
    if (arn === undefined && stop.signal.aborted) {
      note("nothing was started");
      return interruptionCode(stop.signal) ?? ExitCode.interrupted;
    }
    // an error while following does not affect the run
    if (arn !== undefined && thrown instanceof ReplotError) note(nextCommands(taskId(arn), options));
    throw thrown;
  } finally {
    removeSignalHandlers();
  }
}

async function resumeWords(ledger: Ledger, { resume, ...options }: Options): Promise<string[] | undefined> {
  const begin = commandLine("start minimal", options);
  const resumed = await findRun(ledger, typeof resume === "string" ? resume : "latest", begin);
  if (resume === true && resumed.state === "complete") return undefined;
  return ["regenerate", "--resume", resumed.id];
}

/** Checks the lock before the start: the task would check it only after minutes that cost money. */
async function refuseWhileLocked({ clients, deployment }: Stack, options: Options): Promise<void> {
  const holder = await readLock(clients, deployment.runsTable);
  if (holder === undefined) return;
  const again = (words: string) => commandLine(words, options);
  throw new Locked(
    `${holder.run} is at work (since ${holder.since}, ${holder.owner}); wait for its end (${again(`show ${holder.run}`)}), ` +
      `or stop it: ${again(`stop ${holder.run}`)}`,
  );
}

/** Prints the run's own report, or what ECS and the log say if there is none. @returns the exit code */
async function printResult(
  stack: Stack,
  arn: string,
  { task, run, cities }: Followed,
  options: Options,
): Promise<ExitCode> {
  const { clients, deployment } = stack;
  const end = endOfTask(task);
  const exitCode = exitCodeAfter(end, run);
  const objects = openObjects(clients, deployment.plotsBucket);
  if (options.json) {
    await printOutcomeAsJson({ task: arn, end: end.what, remedy: end.remedy, exitCode, run, cities });
    return exitCode;
  }
  const email = run === undefined ? undefined : await objects.get(runKeys.email(run.id));
  const failed = exitCode !== ExitCode.complete && exitCode !== ExitCode.gaps;
  if (failed || email === undefined) {
    note(`${end.what}${end.remedy === undefined ? "" : `\n  ${end.remedy}`}`);
    if (!options.logs && email === undefined) {
      const lines = await lastLines(stack, "runner", arn, 20);
      if (lines.length > 0) note(["the runner's last lines:", ...lines.map((line) => `  | ${line}`)].join("\n"));
    }
  }
  if (email !== undefined)
    await printOutcome(
      Buffer.from(email)
        .toString("utf8")
        .replace(/^Subject: /, ""),
    );
  return exitCode;
}

function nextCommands(task: string, options: Options): string {
  // without --stack these commands use the local state; only `start` uses the stack selected in Pulumi
  const look = (words: string) => `${commandLine(words, options)}${options.stack === undefined ? " --stack NAME" : ""}`;
  return [
    `Progress:    ${look("show latest")}`,
    `Its log:     ${look("logs latest --follow")}`,
    `Stop it:     ${commandLine(`stop ${task}`, options)}`,
  ].join("\n");
}

function sizeOf({ deployment: { taskCpu, taskMemory } }: Stack): string {
  return `${plural(taskCpu / 1024, "core")}, ${taskMemory / 1024} GiB`;
}
