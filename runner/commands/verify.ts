import type { Command } from "commander";
import type { RunId } from "../domain.ts";
import { ExitCode } from "../errors.ts";
import { count, plural, size } from "../format/format.ts";
import { remedies } from "../publish/remedy.ts";
import { type VerifyFinding, type VerifyReport, verifyIndex, verifyRun } from "../publish/verify.ts";
import type { RunRecord, RunRequest } from "../records.ts";
import type { Ledger } from "../stores/ports.ts";
import { commandLine } from "./hints.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

interface Options extends StateOptions {
  readonly json?: boolean;
}

const shown = 20;

export function addVerify(program: Command): void {
  stateOptions(program.command("verify"))
    .description(
      "reads back everything that readers see, or that a run published, and compares it with the recorded checksums",
    )
    .argument("[run]", "its id, the beginning of one, or latest; without one every row of the index")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot verify", "everything that readers see now"],
        ["replot verify latest", "everything that the latest run published"],
      ]),
    )
    .action(async (name: string | undefined, options: Options) => {
      await withExistingSession(options, async ({ stores }) => {
        const run = await findRun(stores.ledger, name ?? "latest", beginning(options));
        const report =
          name === undefined
            ? await verifyIndex(stores, { onProgress })
            : await verifyRun(stores, run.id, { onProgress });
        process.exitCode = report.findings.length === 0 ? ExitCode.complete : ExitCode.gaps;
        if (options.json) return printJson(report);
        const requestOf = await requestsOf(stores.ledger, report, run);
        return print(describe(report, requestOf, options));
      });
    });
}

function onProgress(done: number, total: number): void {
  if (process.stderr.isTTY && (done % 100 === 0 || done === total)) {
    process.stderr.write(`\r${count(done)} of ${count(total)} ${done === total ? "\n" : ""}`);
  }
}

function describe(
  report: VerifyReport,
  requestOf: (finding: VerifyFinding) => RunRequest | undefined,
  options: Options,
): string {
  const { findings } = report;
  const what = report.run === undefined ? "that readers see" : `of run ${report.run}`;
  const read = `${plural(report.plots, "plot")} ${what}: read ${plural(report.objects, "object")}, ${size(report.bytes)}`;
  if (findings.length === 0) {
    return `${read}. Everything is as ${report.run === undefined ? "it was published" : "the run left it"}.`;
  }
  const commands = remedies(report, requestOf, {
    startCommand: options.stack === undefined ? "regenerate" : "start",
    command: (words) => commandLine(words, options),
  });
  return [
    `${read}. ${plural(findings.length, "finding")}:`,
    ...findings.slice(0, shown).map(({ message }) => `  ${message}`),
    ...(findings.length > shown ? [`  and ${count(findings.length - shown)} more (--json lists all)`] : []),
    "",
    ...commands,
  ].join("\n");
}

/** The requests of the runs that drew the plots of the findings. @param run the run that was verified, if only one */
async function requestsOf(
  ledger: Ledger,
  { run: looked, findings }: VerifyReport,
  run: RunRecord,
): Promise<(finding: VerifyFinding) => RunRequest | undefined> {
  if (looked !== undefined) return () => run.request;
  const requests = new Map<RunId, RunRequest | undefined>();
  for (const { drawnBy } of findings) {
    if (drawnBy === undefined || requests.has(drawnBy)) continue;
    requests.set(drawnBy, (await ledger.run(drawnBy))?.request);
  }
  return ({ drawnBy }) => (drawnBy === undefined ? undefined : requests.get(drawnBy));
}
