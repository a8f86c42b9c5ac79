import type { Command } from "commander";
import type { Catalog } from "../catalog/catalog.ts";
import { loadCatalog } from "../catalog/load.ts";
import { resolveSelection } from "../catalog/select.ts";
import { endOfTask } from "../deployment/task-end.ts";
import { ExitCode, Locked, ReplotError, UsageError } from "../errors.ts";
import { duration, plural } from "../format/format.ts";
import { runKeys } from "../layout.ts";
import { selectionWords } from "../report/selection.ts";
import { interruptionCode, listenForInterrupts } from "../run/interrupt.ts";
import { readSettings } from "../settings.ts";
import { currentUser } from "../stack/current-user.ts";
import { taskId } from "../stack/ecs-task.ts";
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
  /** Undefined: as the stack is configured. */
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
    .option("--spot", "on spare capacity: cheaper, and AWS may take it back (default: as the stack is configured)")
    .option("--no-spot", "not on spare capacity")
    .option("--html", "a page beside each current plot")
    .option("--self-contained", "such pages that need no other file; each has 5 MB")
    .option("--force", "skip nothing; rewrite objects too")
    .option("--resume [run]", "a new run that does what that one (default: the latest) left undone")
    .option("--logs", "show what the runner writes")
    .option("--detach", "don't follow it")
    .option("--json", "what became of it, as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot start test", "four cities, 108 plots, in the selected stack"],
        ["replot start full --city Baltimore --stack prod --logs", "one city, with what the runner writes"],
        ["replot start full --spot --detach", "the weekly run, on spare capacity, without waiting for it"],
        ["replot start --resume", "what the latest run left undone"],
      ]),
    )
    .action(async (preset: string | undefined, options: Options) => {
      const settings = readSettings({ ...(options.catalog && { catalog: options.catalog }) });
      const catalog = await loadCatalog(settings.catalog);
      // before anything is asked of Pulumi or AWS: a wrong request starts nothing
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
  const removeSignalHandlers = listenForInterrupts(stop, () => note("stopping to look (again: at once)"));
  try {
    note(`stack ${deployment.stack}: replot ${command.join(" ")}  (${capacity}, ${sizeOf(stack)})`);
    arn = await runTask(
      stack,
      { words: command, capacity, startedBy: `replot/${currentUser()}` },
      {
        signal: stop.signal,
        onWait: (reason, seconds) => note(`not yet: ${reason}; again in ${duration(seconds)}`),
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
      say: note,
      logs: options.logs === true,
      signal: stop.signal,
    });
    if (followed === undefined) {
      note(`no longer followed; the run goes on\n${nextCommands(taskId(arn), options)}`);
      return interruptionCode(stop.signal) ?? ExitCode.interrupted;
    }
    return await tell(stack, arn, followed, options);
  } catch (thrown) {
    if (arn === undefined && stop.signal.aborted) {
      note("nothing was started");
      return interruptionCode(stop.signal) ?? ExitCode.interrupted;
    }
    // whatever keeps us from following doesn't touch the run
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

/** The task would find out by itself, after minutes that cost money. */
async function refuseWhileLocked({ clients, deployment }: Stack, options: Options): Promise<void> {
  const holder = await readLock(clients, deployment.runsTable);
  if (holder === undefined) return;
  const again = (words: string) => commandLine(words, options);
  throw new Locked(
    `${holder.run} is at work (since ${holder.since}, ${holder.owner}); wait until it has ended (${again(`show ${holder.run}`)}), ` +
      `or stop it: ${again(`stop ${holder.run}`)}`,
  );
}

/** What became of it: the run's own report, or what is known where it made none. */
async function tell(stack: Stack, arn: string, { task, run, cities }: Followed, options: Options): Promise<ExitCode> {
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
      const said = await lastLines(stack, "runner", arn, 20);
      if (said.length > 0) note(["the runner's last lines:", ...said.map((line) => `  | ${line}`)].join("\n"));
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
  // without --stack these would look at this machine: `start` alone means Pulumi's selection
  const look = (words: string) => `${commandLine(words, options)}${options.stack === undefined ? " --stack NAME" : ""}`;
  return [
    `Look at it:  ${look("show latest")}`,
    `Its log:     ${look("logs latest --follow")}`,
    `Stop it:     ${commandLine(`stop ${task}`, options)}`,
  ].join("\n");
}

function sizeOf({ deployment: { taskCpu, taskMemory } }: Stack): string {
  return `${plural(taskCpu / 1024, "core")}, ${taskMemory / 1024} GiB`;
}
