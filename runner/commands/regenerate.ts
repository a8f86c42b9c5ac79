import { type Command, Option } from "commander";
import { resolveSelection } from "../catalog/select.ts";
import type { CityCode, RunId } from "../domain.ts";
import { ExitCode, Locked, UsageError } from "../errors.ts";
import { readTaskMetadata } from "../fargate/metadata.ts";
import { billOf, startedBy, whyStopped } from "../fargate/running-task.ts";
import { type RunOptions, regenerate } from "../pipeline.ts";
import type { RunRequest } from "../records.ts";
import { asSeenBy, openEngine } from "../render/engine.ts";
import { composeEmail, type EmailOptions } from "../report/email.ts";
import { exitCodeOf } from "../report/summary.ts";
import { watch } from "../report/watch.ts";
import { interruptionCode, listenForInterrupts } from "../run/interrupt.ts";
import { readSettings, type Settings } from "../settings.ts";
import type { Ledger } from "../stores/ports.ts";
import { commit, version } from "../version.ts";
import { commandLine, withProgramName } from "./hints.ts";
import { examples, localOptions, onlyOf, type SelectionOptions, selectionOptions } from "./options.ts";
import { printOutcome, printOutcomeAsJson } from "./output.ts";
import { printPlan } from "./plan.ts";
import { findRun, refuseAbsentData, refuseAbsentProgram, type Session, withSession } from "./session.ts";

interface Options extends SelectionOptions {
  readonly html?: boolean;
  readonly selfContained?: boolean;
  readonly resume?: string | true;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addRegenerate(program: Command): void {
  selectionOptions(localOptions(program.command("regenerate")))
    .description("draws, checks and publishes what has changed, and reports it: one run")
    .argument("[preset]", "what to draw, by the catalog (default: that of replot.yaml, or full)")
    .option("--html", "write a page beside each current plot, and print where the pages are")
    .option("--no-html", "write no pages, whatever replot.yaml says")
    .option("--self-contained", "write pages that need no other file; each has 5 MB")
    .option("--resume [run]", "a new run that does what that one (default: the latest) left undone")
    .option("--dry-run", "print what would run and why, and run nothing")
    .option("--json", "the summary as JSON")
    // accepted only to point to `start`
    .addOption(new Option("--stack <name>").hideHelp())
    .addHelpText(
      "after",
      examples([
        ["replot regenerate test", "four cities, 108 plots"],
        ["replot regenerate full --city Baltimore --workers 1", "one city of the full preset"],
        ["replot regenerate test --facet sex+age", "one facet instead of the preset's"],
        ["replot regenerate --resume", "what the latest run left undone"],
        ["replot regenerate full --dry-run", "what would run, and why"],
      ]),
    )
    .action(async (preset: string | undefined, options: Options) => {
      if (options.stack !== undefined) {
        const start = commandLine(preset === undefined ? "start" : `start ${preset}`, options);
        throw new UsageError(`regenerate draws on this machine; in AWS: ${start}`);
      }
      // checked before a state directory is created
      const settings = readSettings(options);
      refuseAbsentProgram(settings);
      await refuseAbsentData(settings);
      const work = (session: Session) => run(session, preset, options);
      try {
        process.exitCode = await withSession(options, work, options.dryRun ? "treat as empty" : "make");
      } catch (thrown) {
        throw thrown instanceof Locked
          ? new Locked(`${thrown.message}; see its progress: ${commandLine("show latest", options)}`)
          : thrown;
      }
    });
}

async function run(session: Session, preset: string | undefined, options: Options): Promise<ExitCode> {
  const { settings, catalog } = session;
  const request = await requestOf(session, preset, options);
  if (request === undefined) {
    await (options.json
      ? printOutcomeAsJson(null)
      : printOutcome("The latest run is complete; nothing is left to resume."));
    return ExitCode.complete;
  }
  const { selection } = resolveSelection(catalog, request.request.preset, request.request.only);
  const engine = await openEngine(settings, session.stores.dataDirectory);
  const seen = asSeenBy(engine, session);
  const { stores } = seen;
  const metadata = settings.task === undefined ? undefined : await readTaskMetadata();
  const order: RunOptions = {
    ...request,
    catalog,
    selection,
    ...startedBy(settings, metadata),
    workers: settings.workers,
    image: engine.identity,
    remarks: engine.remarks,
    version,
    commit: commit(),
    attempts: settings.attempts,
    cityTimeoutSeconds: settings.cityTimeoutSeconds,
  };
  if (options.dryRun) {
    await printPlan(seen, order, options.json === true);
    return ExitCode.complete;
  }
  const email = { ...emailHere(settings, options), location: stores.objects.location };
  const stop = new AbortController();
  const observer = watch(catalog, process.stderr);
  const removeSignalHandlers = listenForInterrupts(
    stop,
    (signal) => observer.note(`${signal}: stopping R and saving progress; press Ctrl-C again to quit immediately`),
    (signal) => whyStopped(settings, signal, process.uptime()),
  );
  try {
    const bill = stores.usage && { bill: billOf(settings, metadata, stores.usage) };
    const world = { stores, observer, email, sweep: engine.sweep, openPool: engine.open, ...bill };
    const summary = await regenerate(order, world, stop);
    if (settings.task !== undefined && settings.cloud !== undefined) {
      const { emitMetrics } = await import("../fargate/metrics.ts");
      emitMetrics(summary, settings.cloud.stack);
    }
    if (options.json) await printOutcomeAsJson(summary);
    else {
      const { subject, body } = composeEmail(summary, email);
      await printOutcome(`${subject}\n\n${body}`);
    }
    return interruptionCode(stop.signal) ?? exitCodeOf(summary.run);
  } finally {
    removeSignalHandlers();
  }
}

/** How commands in the e-mail call replot, on this machine or for a stack, and which runs send an e-mail. */
function emailHere({ cloud, task }: Settings, options: Options): Omit<EmailOptions, "location"> {
  if (task === undefined || cloud === undefined) {
    return { startCommand: "regenerate", command: (words) => withProgramName(commandLine(words, options)) };
  }
  return {
    startCommand: "start",
    command: (words) => commandLine(words, { stack: cloud.stack }),
    successes: task.successEmails,
  };
}

interface Asked {
  readonly request: RunRequest;
  readonly resumes?: RunId;
  readonly alreadyDone: ReadonlySet<CityCode>;
}

/** The request of the command line; undefined if there is nothing left to resume. */
async function requestOf(
  { catalog, settings, stores }: Session,
  preset: string | undefined,
  options: Options,
): Promise<Asked | undefined> {
  if (options.resume === undefined) {
    const name = preset ?? settings.preset;
    const { only } = resolveSelection(catalog, name, onlyOf(options));
    const request = {
      preset: name,
      only,
      force: options.force === true,
      html: options.selfContained ? ("self-contained" as const) : (options.html ?? settings.html),
    };
    return { request, alreadyDone: new Set() };
  }
  const asked = [preset, options.force, options.html, options.selfContained, ...Object.values(onlyOf(options))];
  if (asked.some((value) => value !== undefined)) {
    throw new UsageError(
      "--resume does what its run was asked for; leave the preset and the selection out, --force, --html and --self-contained too",
    );
  }
  const resumed = await findRun(stores.ledger, options.resume === true ? "latest" : options.resume);
  if (options.resume === true && resumed.state === "complete") return undefined;
  return {
    request: resumed.request,
    resumes: resumed.id,
    alreadyDone: await citiesDone(stores.ledger, resumed.id),
  };
}

async function citiesDone(ledger: Ledger, run: RunId): Promise<Set<CityCode>> {
  const cities = await ledger.cities(run);
  return new Set(cities.filter(({ state }) => state === "published" || state === "skipped").map(({ city }) => city));
}
