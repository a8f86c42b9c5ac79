import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { resolveSelection } from "../catalog/select.ts";
import type { CityCode } from "../domain.ts";
import { UnavailableError, UsageError } from "../errors.ts";
import type { RunRecord } from "../records.ts";
import { latestLog } from "../render/attempt/log.ts";
import { workDirectoryOf } from "../render/engine.ts";
import { readOutputEnd } from "../render/read-output.ts";
import { describeTask } from "../stack/ecs-task.ts";
import { logReader } from "../stack/log-lines.ts";
import { type Stack, withDeployment } from "../stack/open.ts";
import type { Ledger, ObjectStore } from "../stores/ports.ts";
import { commandLine } from "./hints.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printAsIs } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

/** Of a log that R still writes: its end. */
const shownBytes = 2_000_000;

export function addLogs(program: Command): void {
  stateOptions(program.command("logs"))
    .description("prints what R wrote while it drew a run's cities")
    .argument("[run]", "its id, the beginning of one, or latest", "latest")
    .argument("[city]", "one city only, by code or short name")
    .option("--follow", "with --stack: what the runner of a run under way writes, until it ends")
    .addHelpText(
      "after",
      examples([
        ["replot logs latest Baltimore", "one city of the latest run"],
        ["replot logs latest --stack prod --follow", "what the stack's run is doing"],
      ]),
    )
    .action(async (name: string, cityName: string | undefined, options: StateOptions & { follow?: boolean }) => {
      if (options.follow && options.stack === undefined) {
        throw new UsageError("--follow needs --stack NAME; here, replot logs says which file to follow");
      }
      await withExistingSession(options, async ({ settings, stores, catalog, deployment }) => {
        const run = await findRun(stores.ledger, name, beginning(options));
        const cities = await stores.ledger.cities(run.id);
        if (deployment !== undefined && run.state === "running" && (options.follow || cityName === undefined)) {
          return withDeployment(deployment, (stack) =>
            printRunnersLog(stack, stores.ledger, run, options.follow === true),
          );
        }
        const wanted =
          cityName === undefined
            ? undefined
            : resolveSelection(catalog, run.request.preset, { cities: [cityName] }).selection.cities[0];
        const chosen = cities.filter(({ city }) => wanted === undefined || city === wanted);
        if (chosen.length === 0)
          throw new UsageError(
            `run ${run.id} had nothing to do with ${cityName}; see: ${commandLine(`show ${run.id}`, options)}`,
          );
        for (const { city, log, state, why } of chosen) {
          if (chosen.length > 1) await print(`==== ${city} ====`);
          if (log !== undefined) await printAsIs(await storedLog(stores.objects, log));
          else if (state === "running" && settings.cloud === undefined)
            await printAsIs(await logUnderWay(workDirectoryOf(settings, run.id), city));
          else if (state === "running")
            await print(
              `R is at work, and its log comes when it is done; meanwhile: ${commandLine(`logs ${run.id} --follow`, options)}`,
            );
          else await print(`no log (${state}: ${why})`);
        }
      });
    });
}

/** R's log of a city comes when it is done; until then the runner says how far it is. */
async function printRunnersLog(stack: Stack, ledger: Ledger, run: RunRecord, follow: boolean): Promise<void> {
  const more = logReader(stack, "runner", run.task);
  for (;;) {
    // looked at before the log: what was written until then is read below
    const over = !follow || (await ledger.run(run.id))?.state !== "running" || (await isGone(stack, run.task));
    const lines = await more();
    if (lines.length > 0) await printAsIs(lines.join("\n"));
    if (over) return;
    await delay(2_000);
  }
}

/** A task that was killed leaves its run in the ledger as it was. */
async function isGone(stack: Stack, task: string): Promise<boolean> {
  const { lastStatus } = (await describeTask(stack, task)) ?? {};
  return lastStatus === undefined || lastStatus === "STOPPED";
}

async function storedLog(objects: ObjectStore, key: string): Promise<string> {
  const body = await objects.get(key);
  if (body === undefined) throw new UnavailableError(`the log ${objects.location(key)} is gone`);
  return Buffer.from(body).toString("utf8");
}

/** What R has written so far, and where it goes on. */
async function logUnderWay(workDirectory: string, city: CityCode): Promise<string> {
  const file = await latestLog(workDirectory, city);
  if (file === undefined) return "R has not begun";
  const { bytes } = readOutputEnd(file, shownBytes);
  return `${bytes.toString("utf8")}(still at work; follow it with: tail -f ${file})`;
}
