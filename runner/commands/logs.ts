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

/** Bytes printed from the end of a log that R is still writing. */
const shownBytes = 2_000_000;

export function addLogs(program: Command): void {
  stateOptions(program.command("logs"))
    .description("prints the log of R for the cities of a run")
    .argument("[run]", "its id, the beginning of one, or latest", "latest")
    .argument("[city]", "one city only, by code or short name")
    .option("--follow", "with --stack: follow the runner's log until the run ends")
    .addHelpText(
      "after",
      examples([
        ["replot logs latest Baltimore", "one city of the latest run"],
        ["replot logs latest --stack prod --follow", "follow the stack's current run"],
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
            `run ${run.id} did not include ${cityName}; see: ${commandLine(`show ${run.id}`, options)}`,
          );
        for (const { city, log, state, why } of chosen) {
          if (chosen.length > 1) await print(`==== ${city} ====`);
          if (log !== undefined) await printAsIs(await storedLog(stores.objects, log));
          else if (state === "running" && settings.cloud === undefined)
            await printAsIs(await logUnderWay(workDirectoryOf(settings, run.id), city));
          else if (state === "running")
            await print(
              `R is running; its log is stored when it ends. To follow the runner: ${commandLine(`logs ${run.id} --follow`, options)}`,
            );
          else await print(`no log (${state}: ${why})`);
        }
      });
    });
}

/** Prints the runner's log. The log of R is stored when a city ends; until then the runner's log shows the progress. */
async function printRunnersLog(stack: Stack, ledger: Ledger, run: RunRecord, follow: boolean): Promise<void> {
  const more = logReader(stack, "runner", run.task);
  for (;;) {
    // checked before the log is read, so that no line written before the end is missed
    const over = !follow || (await ledger.run(run.id))?.state !== "running" || (await isGone(stack, run.task));
    const lines = await more();
    if (lines.length > 0) await printAsIs(lines.join("\n"));
    if (over) return;
    await delay(2_000);
  }
}

/** Whether the task has stopped; the ledger still shows the run of a killed task as running. */
async function isGone(stack: Stack, task: string): Promise<boolean> {
  const { lastStatus } = (await describeTask(stack, task)) ?? {};
  return lastStatus === undefined || lastStatus === "STOPPED";
}

async function storedLog(objects: ObjectStore, key: string): Promise<string> {
  const body = await objects.get(key);
  if (body === undefined) throw new UnavailableError(`the log ${objects.location(key)} is gone`);
  return Buffer.from(body).toString("utf8");
}

/** The end of the log that R is writing, and how to follow it. */
async function logUnderWay(workDirectory: string, city: CityCode): Promise<string> {
  const file = await latestLog(workDirectory, city);
  if (file === undefined) return "R has not started";
  const { bytes } = readOutputEnd(file, shownBytes);
  return `${bytes.toString("utf8")}(R is still running; follow its log with: tail -f ${file})`;
}
