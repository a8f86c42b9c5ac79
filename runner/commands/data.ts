import type { Command } from "commander";
import { loadCatalog } from "../catalog/load.ts";
import { ExitCode } from "../errors.ts";
import { count, plural, size } from "../format/format.ts";
import { readSettings } from "../settings.ts";
import { withStack } from "../stack/open.ts";
import { type Pushed, pushInputs } from "../stack/push.ts";
import { commandLine } from "./hints.ts";
import { examples, type StackOptions, stackOption } from "./options.ts";
import { note, printOutcome, printOutcomeAsJson } from "./output.ts";

interface Options extends StackOptions {
  readonly catalog?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addData(program: Command): void {
  const data = program.command("data").description("manages the simulation files of a stack");
  stackOption(data.command("push"))
    .description("uploads new and changed simulation files to a stack, with checksums")
    .argument("<directory>", "directory that contains simulations/")
    .option("--catalog <file>", "the stack's catalog, which names the files (default: the checkout's)")
    .option("--dry-run", "print what would be uploaded, and upload nothing")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot data push .replot/data", "to the stack that is selected in Pulumi"],
        ["replot data push /mnt/model/output --stack prod --dry-run", "list what has changed since the last upload"],
      ]),
    )
    .action(async (directory: string, options: Options) => {
      const catalog = await loadCatalog(readSettings({ ...(options.catalog && { catalog: options.catalog }) }).catalog);
      await withStack(options.stack, async ({ clients, deployment }) => {
        const pushed = await pushInputs(clients, {
          catalog,
          directory,
          bucket: deployment.dataBucket,
          table: deployment.runsTable,
          dryRun: options.dryRun === true,
          onProgress: note,
        });
        if (options.json) await printOutcomeAsJson(pushed);
        else await printOutcome(describe(pushed, deployment.dataBucket, options));
        process.exitCode = pushed.refused.length === 0 ? ExitCode.complete : ExitCode.gaps;
      });
    });
}

const shown = 5;

function describe(
  { uploaded, unchanged, unknown, refused, missing, bytes }: Pushed,
  bucket: string,
  options: Options,
): string {
  const verb = options.dryRun ? "Would upload" : "Uploaded";
  const next =
    options.dryRun || uploaded.length === 0 ? [] : [`See what a run would draw:  ${commandLine("plan", options)}`];
  return [
    `${verb} ${plural(uploaded.length, "file")} (${size(bytes)}) to bucket ${bucket}; ${count(unchanged.length)} already there.`,
    ...refused.map(({ path, why }) => `Not uploaded: ${path}: ${why}`),
    ...(unknown.length === 0 ? [] : [`Not uploaded, not named in the catalog: ${some(unknown)}`]),
    ...(missing.length === 0
      ? []
      : [
          `${plural(missing.length, "file")} named in the catalog exist neither locally nor in the bucket: ${some(missing)}`,
        ]),
    ...next,
  ].join("\n");
}

function some(paths: readonly string[]): string {
  const more = paths.length > shown ? ` and ${count(paths.length - shown)} more` : "";
  return `${paths.slice(0, shown).join(", ")}${more}`;
}
