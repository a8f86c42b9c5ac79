import type { Command } from "commander";
import { count, duration } from "../format/format.ts";
import { table } from "../format/table.ts";
import type { RunRecord } from "../records.ts";
import { addCounts, inPlace, plotsSoFar } from "../report/summary.ts";
import type { Ledger } from "../stores/ports.ts";
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
        const plots = await Promise.all(runs.map((run) => plotsOf(run, stores.ledger)));
        return print(
          table(
            ["RUN", "STATE", "PLOTS", "CHANGED", "TOOK"],
            runs.map((run, place) => [
              run.id,
              run.state,
              plots[place] ?? "",
              count(run.counts.changed),
              run.ended === undefined ? "" : duration((Date.parse(run.ended) - Date.parse(run.started)) / 1000),
            ]),
          ),
        );
      });
    });
}

/** `12,420 of 56,358`; the entry of a run at work has no counts yet, those of its cities have. */
async function plotsOf(run: RunRecord, ledger: Ledger): Promise<string> {
  if (run.state !== "running") return `${count(inPlace(run.counts))} of ${count(run.counts.expected)}`;
  const cities = await ledger.cities(run.id);
  const { expected } = addCounts(cities.map(({ counts }) => counts));
  return `${count(cities.reduce((sum, city) => sum + plotsSoFar(city), 0))} of ${count(expected)}`;
}
