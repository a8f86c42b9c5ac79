import type { Command } from "commander";
import type { CityRecord, RunRecord } from "../records.ts";
import { plotsSoFar } from "../report/summary.ts";
import { citiesLine } from "../stack/progress.ts";
import { table, terminalWidth } from "../table.ts";
import { count, drawerKind, duration } from "../words.ts";
import { commandLine } from "./hints.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

export function addShow(program: Command): void {
  stateOptions(program.command("show"))
    .description("shows what became of a run, city by city")
    .argument("[run]", "its id, the beginning of one, or latest", "latest")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot show", "the latest run"],
        ["replot show 2026-11-22", "the run of that day"],
      ]),
    )
    .action(async (name: string, options: StateOptions & { json?: boolean }) => {
      await withExistingSession(options, async ({ stores, catalog }) => {
        const run = await findRun(stores.ledger, name, beginning(options));
        const cities = await stores.ledger.cities(run.id);
        if (options.json) return printJson({ run, cities });
        const lines = [
          `Run ${run.id}  ${run.state}${run.error === undefined ? "" : `: ${run.error}`}`,
          `started ${run.started}${run.ended === undefined ? "" : `, ended ${run.ended}`}  replot ${run.version}  ${drawerKind(run.image)} ${run.image}`,
          reportLine(run, cities),
          "",
          table(
            ["CITY", "", "STATE", "PLOTS", "ATTEMPTS", "TOOK", "WHY"],
            cities.map((city) => [
              city.city,
              catalog.cities.get(city.city)?.shortName ?? "",
              city.state,
              `${count(plotsSoFar(city))} of ${count(city.counts.expected)}`,
              String(city.attempts.length),
              city.attempts.length === 0 ? "" : duration(city.seconds),
              city.reason ?? city.why,
            ]),
            { width: terminalWidth(process.stdout) },
          ),
          ...cities.flatMap((city) => city.remarks.map((remark) => `${city.city}: ${remark}`)),
          "",
          `Logs:  ${commandLine(`logs ${run.id}`, options)}`,
        ];
        return print(lines.join("\n"));
      });
    });
}

/** Whether the run was reported or, while it is at work, how far it is. */
function reportLine(run: RunRecord, cities: readonly CityRecord[]): string {
  if (run.state === "running") return `so far: ${citiesLine(cities)}`;
  return run.reportedAt === undefined ? "not reported" : `reported ${run.reportedAt}`;
}
