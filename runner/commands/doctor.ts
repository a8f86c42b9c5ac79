import type { Command } from "commander";
import type { Catalog, Selection } from "../catalog/catalog.ts";
import { loadCatalog } from "../catalog/load.ts";
import { resolveSelection } from "../catalog/select.ts";
import { describeFindings, type Finding, ok, warn, wrong } from "../doctor/check.ts";
import { checkInputs, findDrawableCity, lookHere, lookInContainer } from "../doctor/inputs.ts";
import { checkDisk, checkHome, checkNode } from "../doctor/machine.ts";
import { checkProgram, checkRscript } from "../doctor/program.ts";
import { examineStack } from "../doctor/stack.ts";
import { ExitCode, messageOf } from "../errors.ts";
import { plural } from "../format/format.ts";
import { expectedPlots } from "../plan/expected.ts";
import { jobFile } from "../plan/job.ts";
import { containerOf, programEnvironment } from "../render/engine.ts";
import { readSettings, type Settings } from "../settings.ts";
import { withStack } from "../stack/open.ts";
import { openLocalStores } from "../stores/local/open.ts";
import { type CheckOptions, checkForeignImage } from "./check.ts";
import { commandLine } from "./hints.ts";
import { examples, onlyOf, type SelectionOptions, selectionOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { refuseAbsentData } from "./session.ts";

export function addDoctor(program: Command): void {
  selectionOptions(stateOptions(program.command("doctor")))
    .description("checks everything a run needs, and prints the remedy for what is missing")
    .argument("[preset]", "the preset whose inputs are checked (default: that of replot.yaml, or full)")
    .option("--image <image>", "the same as replot check --image")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot doctor test", "check everything for the test preset"],
        ["replot doctor --image my-image", "an image of your own: what it needs, and the configuration to paste"],
        ["replot doctor full --stack prod", "check a stack in AWS: access, inputs, images, quotas, e-mails"],
      ]),
    )
    .action(async (givenPreset: string | undefined, options: CheckOptions) => {
      const preset = givenPreset ?? readSettings(options).preset;
      if (options.image !== undefined) return checkForeignImage(options.image, givenPreset, options);
      const findings = await (options.stack === undefined
        ? examine(readSettings(options), preset, options)
        : examineDeployed(preset, options));
      process.exitCode = exitCodeFor(findings);
      await (options.json ? printJson(findings) : print(describeFindings(findings, process.stdout)));
    });
}

function exitCodeFor(findings: readonly Finding[]): ExitCode {
  return findings.some(({ state }) => state === "wrong") ? ExitCode.gaps : ExitCode.complete;
}

async function examineDeployed(preset: string, options: SelectionOptions): Promise<Finding[]> {
  const catalog = await loadCatalog(readSettings(options).catalog);
  const { selection } = resolveSelection(catalog, preset, onlyOf(options));
  const command = (words: string) => commandLine(words, options);
  return withStack(options.stack, (stack) => examineStack(stack, catalog, selection, command));
}

async function examine(settings: Settings, preset: string, options: SelectionOptions): Promise<Finding[]> {
  await refuseAbsentData(settings);
  const prune = commandLine("prune", options);
  const findings = [
    checkNode(),
    await checkHome(settings.home),
    await checkDisk(settings.home, prune).catch(unknownDisk),
  ];
  let catalog: Catalog;
  try {
    catalog = await loadCatalog(settings.catalog);
  } catch (error) {
    return [...findings, wrong("Catalog", messageOf(error), "correct the lines named above")];
  }
  const { selection } = resolveSelection(catalog, preset, onlyOf(options));
  findings.push(
    ok("Catalog", `${settings.catalog} (${catalog.model}, ${plural(catalog.cities.size, "city", "cities")})`),
  );
  findings.push(await checkStores(settings, catalog));
  const { program, rImage, data } = settings;
  if (program === undefined) {
    return [...findings, ...(rImage === undefined ? [] : await checkImage(catalog, selection, settings, rImage))];
  }
  const look = lookHere(data);
  findings.push(...(await checkInputs(catalog, selection, data, look)));
  if (settings.rCommand[0] === "Rscript") findings.push(await checkRscript());
  const city = await findDrawableCity(catalog, selection, look);
  if (city === undefined)
    return [...findings, warn("R program", "not tried: no city has all its inputs", "see Inputs")];
  const job = jobFile(catalog, expectedPlots(catalog, selection, city).slice(0, 1));
  return [...findings, await checkProgram(settings, job, await programEnvironment(program))];
}

async function checkStores({ home, data }: Settings, catalog: Catalog): Promise<Finding> {
  try {
    const stores = await openLocalStores({ home, dataDirectory: data, model: catalog.model, make: false });
    const [latest] = await stores.ledger.runs(1);
    await stores.close();
    return ok("Index and ledger", latest === undefined ? "no run yet" : `latest run ${latest.id} (${latest.state})`);
  } catch (error) {
    return wrong("Index and ledger", messageOf(error), "see docs/local-state.md");
  }
}

/** Checks the image, and the inputs as the container sees them. */
async function checkImage(
  catalog: Catalog,
  selection: Selection,
  settings: Settings,
  name: string,
): Promise<Finding[]> {
  const { data } = settings;
  try {
    const container = await containerOf(settings, data, name);
    const look = lookInContainer(container, data);
    return [ok("R image", container.image.identity), ...(await checkInputs(catalog, selection, data, look))];
  } catch (error) {
    const remedy = "name an image that this machine has or can pull";
    return [
      ...(await checkInputs(catalog, selection, data, lookHere(data))),
      wrong("R image", messageOf(error), remedy),
    ];
  }
}

function unknownDisk(error: unknown): Finding {
  return wrong("Disk", messageOf(error), "repair the state directory first");
}
