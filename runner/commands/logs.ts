import type { Command } from "commander";
import { resolveSelection } from "../catalog/select.ts";
import type { CityCode } from "../domain.ts";
import { CannotWork, WrongRequest } from "../errors.ts";
import { latestLog } from "../render/log.ts";
import { readOutputEnd } from "../render/read-output.ts";
import type { ObjectStore } from "../stores/ports.ts";
import { workDirectoryOf } from "./engine.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print } from "./output.ts";
import { findRun, withExistingSession } from "./session.ts";

/** Of a log that R still writes: its end. */
const shownBytes = 2_000_000;

export function addLogs(program: Command): void {
  stateOptions(program.command("logs"))
    .description("prints what R wrote while it drew a run's cities")
    .argument("[run]", "its id, the beginning of one, or latest", "latest")
    .argument("[city]", "one city only, by code or short name")
    .addHelpText("after", examples([["replot logs latest Baltimore", "one city of the latest run"]]))
    .action(async (name: string, cityName: string | undefined, options: StateOptions) => {
      await withExistingSession(options, async ({ settings, stores, catalog }) => {
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
          if (chosen.length > 1) await print(`==== ${city} ====`);
          if (log !== undefined) await print(await storedLog(stores.objects, log));
          else if (state === "running" && settings.cloud === undefined)
            await print(await logUnderWay(workDirectoryOf(settings, run.id), city));
          else await print(`no log (${state}: ${why})`);
        }
      });
    });
}

async function storedLog(objects: ObjectStore, key: string): Promise<string> {
  const body = await objects.get(key);
  if (body === undefined) throw new CannotWork(`the log ${objects.location(key)} is gone`);
  return Buffer.from(body).toString("utf8");
}

/** What R has written so far, and where it goes on. */
async function logUnderWay(workDirectory: string, city: CityCode): Promise<string> {
  const file = await latestLog(workDirectory, city);
  if (file === undefined) return "R has not begun";
  const { bytes } = readOutputEnd(file, shownBytes);
  return `${bytes.toString("utf8")}(still at work; follow it with: tail -f ${file})`;
}
