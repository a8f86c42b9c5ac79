import type { Command } from "commander";
import { type PresentState, presentState } from "../publish/present.ts";
import { inPlace } from "../report/summary.ts";
import { table } from "../table.ts";
import { count, duration, plural } from "../words.ts";
import { examples, type StateOptions, stateArguments, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

export function addShow(program: Command): void {
  stateOptions(program.command("show"))
    .description("shows what readers see now and which runs drew it, or what became of one run, city by city")
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
          return options.json ? printJson(present) : print(describePresent(present, stateArguments(options)));
        }
        const cities = await stores.ledger.cities(run.id);
        if (options.json) return printJson({ run, cities });
        const lines = [
          `Run ${run.id}  ${run.state}${run.error === undefined ? "" : `: ${run.error}`}`,
          `started ${run.started}${run.ended === undefined ? "" : `, ended ${run.ended}`}  replot ${run.version}  ${run.image}`,
          run.reportedAt === undefined ? "not reported" : `reported ${run.reportedAt}`,
          "",
          table(
            ["CITY", "", "STATE", "PLOTS", "ATTEMPTS", "TOOK", "WHY"],
            cities.map((city) => [
              city.city,
              catalog.cities.get(city.city)?.shortName ?? "",
              city.state,
              `${count(inPlace(city.counts))} of ${count(city.counts.expected)}`,
              String(city.attempts.length),
              city.attempts.length === 0 ? "" : duration(city.seconds),
              city.reason ?? city.why,
            ]),
          ),
          ...cities.flatMap((city) => city.remarks.map((remark) => `${city.city}: ${remark}`)),
          "",
          `Logs:  replot logs ${run.id} [CITY]${stateArguments(options)}`,
        ];
        return print(lines.join("\n"));
      });
    });
}

/** @param again options that a person must give again for the same state */
function describePresent({ run, restoredAt, since, plots, cities, drawnBy }: PresentState, again: string): string {
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
      : [`Run ${since.id} has begun since, and has not ended: replot show ${since.id}${again}`]),
    ...(runs.length === 0 ? [] : ["", table(["DRAWN BY", "STATE", "PLOTS", "CITIES"], runs)]),
    "",
    `City by city:  replot show ${run?.id ?? "RUN"}${again}`,
  ].join("\n");
}
