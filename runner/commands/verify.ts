import type { Command } from "commander";
import { ExitCode } from "../errors.ts";
import { remedies } from "../publish/remedy.ts";
import { verifyRun } from "../publish/verify.ts";
import { count, plural, size } from "../words.ts";
import { commandLine } from "./hints.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

const shown = 20;

export function addVerify(program: Command): void {
  stateOptions(program.command("verify"))
    .description("reads everything of a run back, and compares bytes, checksums and rows with what the run wrote down")
    .argument("[run]", "its id, the beginning of one, or latest", "latest")
    .option("--json", "as JSON")
    .addHelpText("after", examples([["replot verify", "the latest run"]]))
    .action(async (name: string, options: StateOptions & { json?: boolean }) => {
      await withExistingSession(options, async ({ stores }) => {
        const run = await findRun(stores.ledger, name, beginning(options));
        const onProgress = (done: number, total: number) => {
          if (process.stderr.isTTY && (done % 100 === 0 || done === total)) {
            process.stderr.write(`\r${count(done)} of ${count(total)} ${done === total ? "\n" : ""}`);
          }
        };
        const report = await verifyRun(stores, run.id, { onProgress });
        const { findings } = report;
        process.exitCode = findings.length === 0 ? ExitCode.complete : ExitCode.gaps;
        if (options.json) return printJson(report);
        const read = `${plural(report.plots, "plot")} of run ${run.id}: read ${plural(report.objects, "object")}, ${size(report.bytes)}`;
        if (findings.length === 0) return print(`${read}. Everything is as the run left it.`);
        return print(
          [
            `${read}. ${plural(findings.length, "finding")}:`,
            ...findings.slice(0, shown).map(({ message }) => `  ${message}`),
            ...(findings.length > shown ? [`  and ${count(findings.length - shown)} more (--json lists all)`] : []),
            "",
            ...remedies(report, run, {
              startCommand: options.stack === undefined ? "regenerate" : "start",
              command: (words) => commandLine(words, options),
            }),
          ].join("\n"),
        );
      });
    });
}
