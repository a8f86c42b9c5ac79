import type { Command } from "commander";
import { inPlace } from "../report/summary.ts";
import { table } from "../table.ts";
import { count, duration } from "../words.ts";
import { examples, type StateOptions, stateOptions, whole } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, withExistingSession } from "./session.ts";

export function addRuns(program: Command): void {
  stateOptions(program.command("runs"))
    .description("lists the runs, newest first")
    .option("--limit <number>", "how many", whole, 20)
    .option("--json", "as JSON")
    .addHelpText("after", examples([["replot runs", "the latest 20"]]))
    .action(async (options: StateOptions & { limit: number; json?: boolean }) => {
      await withExistingSession(options, async ({ stores }) => {
        const runs = await stores.ledger.runs(options.limit);
        if (options.json) return printJson(runs);
        if (runs.length === 0) return print(`There is no run yet; begin with: ${beginning(options)}`);
        return print(
          table(
            ["RUN", "STATE", "PLOTS", "CHANGED", "TOOK"],
            runs.map((run) => [
              run.id,
              run.state,
              `${count(inPlace(run.counts))} of ${count(run.counts.expected)}`,
              count(run.counts.changed),
              run.ended === undefined ? "" : duration((Date.parse(run.ended) - Date.parse(run.started)) / 1000),
            ]),
          ),
        );
      });
    });
}
