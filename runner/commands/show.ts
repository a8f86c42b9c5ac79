import type { Command } from "commander";
import { count, drawerKind, duration, plural } from "../format/format.ts";
import { table, terminalWidth } from "../format/table.ts";
import { type PresentState, presentState } from "../publish/present.ts";
import type { CityRecord, RunRecord } from "../records.ts";
import { plotsSoFar } from "../report/summary.ts";
import { citiesLine } from "../stack/progress.ts";
import { commandLine } from "./hints.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

export function addShow(program: Command): void {
  stateOptions(program.command("show"))
    .description("shows what readers see now and which runs drew it, or the result of one run, city by city")
    .argument("[run]", "its id, the beginning of one, or latest; without one what readers see now")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot show", "what readers see now"],
        ["replot show latest", "the latest run"],
        ["replot show 2026-11-22", "the run of that day"],
      ]),
    )
    .action(async (name: string | undefined, options: StateOptions & { json?: boolean }) => {
      await withExistingSession(options, async ({ stores, catalog }) => {
        const run = await findRun(stores.ledger, name ?? "latest", beginning(options));
        if (name === undefined) {
          const present = await presentState(stores);
          return options.json ? printJson(present) : print(describePresent(present, options));
        }
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

/** Whether the run was reported or, while it is running, its progress. */
function reportLine(run: RunRecord, cities: readonly CityRecord[]): string {
  if (run.state === "running") return `so far: ${citiesLine(cities)}`;
  return run.reportedAt === undefined ? "not reported" : `reported ${run.reportedAt}`;
}

function describePresent(
  { run, restoredAt, since, plots, cities, drawnBy }: PresentState,
  options: StateOptions,
): string {
  const left =
    run === undefined
      ? ""
      : restoredAt === undefined
        ? `, as run ${run.id} (${run.state}) left them`
        : `, as run ${run.id} had left them: a rollback went back to it at ${restoredAt}`;
  const runs = drawnBy.map((part) => [
    part.id,
    part.record?.state ?? "no longer in the ledger",
    count(part.plots),
    count(part.cities),
  ]);
  return [
    `Readers see ${plural(plots, "plot")} of ${plural(cities, "city", "cities")}${left}.`,
    ...(since === undefined
      ? []
      : [`Run ${since.id} has begun since, and has not ended: ${commandLine(`show ${since.id}`, options)}`]),
    ...(runs.length === 0
      ? []
      : ["", table(["DRAWN BY", "STATE", "PLOTS", "CITIES"], runs, { width: terminalWidth(process.stdout) })]),
    "",
    `City by city:  ${commandLine(`show ${run?.id ?? "RUN"}`, options)}`,
  ].join("\n");
}
