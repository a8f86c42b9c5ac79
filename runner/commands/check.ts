import type { Command } from "commander";
import type { Catalog, Selection } from "../catalog/catalog.ts";
import { loadCatalog } from "../catalog/load.ts";
import { resolveSelection } from "../catalog/select.ts";
import { findingOf, isPublishable, type RuleResult } from "../contract/rule.ts";
import { judgeContract } from "../contract/rules.ts";
import { largestPreset, smallestJob, smallestOf } from "../contract/smallest-job.ts";
import { tryProgram } from "../contract/trial.ts";
import { describeFindings, type Finding, warn } from "../doctor/check.ts";
import { configurationText, examineImage, type ImageConfiguration } from "../doctor/image.ts";
import { lookHere, lookInContainer } from "../doctor/inputs.ts";
import type { PlotId } from "../domain.ts";
import { ExitCode, UnavailableError, UsageError } from "../errors.ts";
import { plural } from "../format/format.ts";
import { plotPath } from "../layout.ts";
import { expectedPlots } from "../plan/expected.ts";
import { jobFile } from "../plan/job.ts";
import { lastLines } from "../render/attempt/log.ts";
import { containerEngine, containerOf } from "../render/engine.ts";
import { interruptionCode, listenForInterrupts } from "../run/interrupt.ts";
import { readSettings, type Settings } from "../settings.ts";
import { examples, localOptions, onlyOf, type SelectionOptions, selectionOptions } from "./options.ts";
import { note, print, printJson } from "./output.ts";
import { refuseAbsentData } from "./session.ts";

export interface CheckOptions extends SelectionOptions {
  readonly image?: string;
  readonly json?: boolean;
}

export function addCheck(program: Command): void {
  selectionOptions(localOptions(program.command("check")))
    .description("runs the program that draws on one small job, and goes through the batch contract rule by rule")
    .argument("[preset]", "where the job is taken from (default: the catalog's largest preset)")
    .option("--image <image>", "an image instead: how it is called, what it needs, and the configuration of a stack")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ['replot check --catalog my.yaml --data my-data --r-command "Rscript draw.R"', "a program of this machine"],
        ["replot check --outcome suppression --facet age+sex", "a job of one's choice"],
        ["replot check --image my-image", "an image, and the configuration to paste for pulumi config"],
      ]),
    )
    .action(async (preset: string | undefined, options: CheckOptions) => {
      const image = options.image ?? readSettings(options).rImage;
      await (image === undefined ? checkProgram(preset, options) : checkForeignImage(image, preset, options));
    });
}

/** What a check found. */
interface Report {
  /** Plots that were asked for, by their paths. */
  readonly plots: readonly string[];
  readonly rules: readonly RuleResult[];
  /** The end of the program's log, where a rule refuses its plots. */
  readonly log: readonly string[];
}

async function checkProgram(preset: string | undefined, options: CheckOptions): Promise<void> {
  const settings = readSettings(options);
  await refuseAbsentData(settings);
  const { catalog, selection } = await selectionOf(settings, preset, options);
  const plots = await smallestJob(catalog, selection, lookHere(settings.data));
  if (plots === undefined) {
    throw new UnavailableError(
      `no city has its simulation files in ${settings.data}; name their directory with --data, or see what is missing: replot doctor`,
    );
  }
  const report = await tryAndJudge(settings, catalog, plots);
  if (report === undefined) return;
  const publishable = isPublishable(report.rules);
  process.exitCode = publishable ? ExitCode.complete : ExitCode.gaps;
  await (options.json
    ? printJson({ publishable, ...report })
    : print(`Program: ${settings.rCommand.join(" ")}, in ${settings.data}\n${describe(report)}`));
}

/**
 * Checks an image; `doctor --image` is the same.
 * @throws UnavailableError where there is no container engine, or no such image
 */
export async function checkForeignImage(
  image: string,
  preset: string | undefined,
  options: CheckOptions,
): Promise<void> {
  // the words of --r-command name files of the image, not of this machine
  const settings = readSettings({ ...options, rImage: image });
  const { catalog, selection } = await selectionOf(settings, preset, options);
  const look = lookInContainer(await containerOf(settings, settings.data, image), settings.data);
  const drawable = await smallestJob(catalog, selection, look);
  const plots = drawable ?? firstPlots(catalog, selection);
  const { findings, configuration } = await examineImage({
    engine: await containerEngine(),
    image,
    job: jobFile(catalog, plots),
    data: drawable === undefined ? undefined : settings.data,
    command: options.rCommand === undefined ? undefined : settings.rCommand,
  });
  const report =
    drawable === undefined || configuration === undefined
      ? undefined
      : await tryAndJudge(asConfigured(settings, configuration), catalog, drawable);
  if (report === undefined && process.exitCode !== undefined) return;
  const works = findings.every(({ state }) => state !== "wrong") && isPublishable(report?.rules ?? []);
  process.exitCode = works ? ExitCode.complete : ExitCode.gaps;
  if (options.json) {
    const tried = report ?? { plots: [], rules: [], log: [] };
    await printJson({
      publishable: report !== undefined && works,
      ...tried,
      findings,
      configuration: configuration ?? null,
    });
    return;
  }
  const all = report === undefined && configuration !== undefined ? [...findings, notTried(settings)] : findings;
  await print(describeFindings(all, process.stdout));
  if (report !== undefined) await print(`\n${describe(report)}`);
  if (configuration !== undefined) await print(`\n${configurationText(configuration)}`);
}

function notTried({ data }: Settings): Finding {
  return warn("Plots", `none drawn: no city has its inputs in ${data}`, "name their directory with --data");
}

/** The settings that a stack would have. */
function asConfigured(settings: Settings, { rCommand, rDirectory, rEvents }: ImageConfiguration): Settings {
  return { ...settings, rCommand, rDirectory, rEvents };
}

async function selectionOf(
  settings: Settings,
  preset: string | undefined,
  options: CheckOptions,
): Promise<{ readonly catalog: Catalog; readonly selection: Selection }> {
  const catalog = await loadCatalog(settings.catalog);
  const name = preset ?? largestPreset(catalog);
  if (name === undefined) throw new UsageError(`${settings.catalog} has no preset; a job is taken from one`);
  return { catalog, selection: resolveSelection(catalog, name, onlyOf(options)).selection };
}

/** A job that nothing can be drawn for, to see whether an image's program reads it. */
function firstPlots(catalog: Catalog, selection: Selection): readonly PlotId[] {
  const [city] = selection.cities;
  const [scenario] = selection.scenarios;
  if (city === undefined || scenario === undefined) throw new UsageError("the selection has no city or no scenario");
  return smallestOf(catalog, expectedPlots(catalog, { ...selection, scenarios: [scenario] }, city));
}

/** @returns undefined where a signal stopped it; the exit code is set then */
async function tryAndJudge(
  settings: Settings,
  catalog: Catalog,
  plots: readonly PlotId[],
): Promise<Report | undefined> {
  const stop = new AbortController();
  const removeSignalHandlers = listenForInterrupts(stop, (signal) => note(`${signal}: stopping the program`));
  try {
    const seen = await tryProgram({ settings, catalog, plots, signal: stop.signal });
    const interrupted = interruptionCode(stop.signal);
    if (interrupted !== undefined) {
      process.exitCode = interrupted;
      return undefined;
    }
    const rules = judgeContract(seen);
    const log = isPublishable(rules) ? [] : lastLines(seen.first.result.log);
    return { plots: plots.map((plot) => plotPath(plot)), rules, log };
  } finally {
    removeSignalHandlers();
  }
}

function describe({ plots, rules, log }: Report): string {
  const refused = rules.filter(({ state }) => state === "refused").length;
  const tolerated = rules.filter(({ state }) => state === "tolerated").length;
  const verdict =
    refused === 0
      ? `Publishable${tolerated === 0 ? "" : `, with ${plural(tolerated, "habit")} that replot tolerates`}.`
      : `Not publishable: ${plural(refused, "rule")} broken.`;
  return [
    `Job: ${plots.join(", ")}`,
    "",
    describeFindings(rules.map(findingOf), process.stdout),
    ...(log.length === 0 ? [] : ["", "The last lines of the program's log:", ...log.map((line) => `  ${line}`)]),
    "",
    verdict,
  ].join("\n");
}
