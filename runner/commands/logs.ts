import type { Command } from "commander";
import { resolveSelection } from "../catalog/select.ts";
import { CannotWork, WrongRequest } from "../errors.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print } from "./output.ts";
import { findRun, withExistingSession } from "./session.ts";

export function addLogs(program: Command): void {
  stateOptions(program.command("logs"))
    .description("prints what R wrote while it drew a run's cities")
    .argument("[run]", "its id, the beginning of one, or latest", "latest")
    .argument("[city]", "one city only, by code or short name")
    .addHelpText("after", examples([["replot logs latest Baltimore", "one city of the latest run"]]))
    .action(async (name: string, cityName: string | undefined, options: StateOptions) => {
      await withExistingSession(options, async ({ stores, catalog }) => {
        const run = await findRun(stores.ledger, name);
        const cities = await stores.ledger.cities(run.id);
        const wanted =
          cityName === undefined
            ? undefined
            : resolveSelection(catalog, run.request.preset, { cities: [cityName] }).selection.cities[0];
        const chosen = cities.filter(({ city }) => wanted === undefined || city === wanted);
        if (chosen.length === 0)
          throw new WrongRequest(`run ${run.id} had nothing to do with ${cityName}; see: replot show ${run.id}`);
        for (const { city, log, state, why } of chosen) {
          if (log === undefined) {
            await print(`==== ${city}: no log (${state}: ${why}) ====`);
            continue;
          }
          const body = await stores.objects.get(log);
          if (body === undefined) throw new CannotWork(`the log ${stores.objects.location(log)} is gone`);
          if (chosen.length > 1) await print(`==== ${city} ====`);
          await print(Buffer.from(body).toString("utf8"));
        }
      });
    });
}
