import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { resolveSelection } from "../catalog/select.ts";
import type { CityCode } from "../domain.ts";
import { plural } from "../format/format.ts";
import { terminalWidth } from "../format/table.ts";
import type { RunOptions } from "../pipeline.ts";
import { type PlanningOptions, planCities } from "../plan/cities.ts";
import { type PlannedRun, planDescription, planText } from "../plan/describe.ts";
import { estimate } from "../plan/estimate.ts";
import { planFiles } from "../plan/files.ts";
import type { IndexRow } from "../records.ts";
import { asSeenBy, openEngine } from "../render/engine.ts";
import type { Inputs } from "../stores/ports.ts";
import { examples, onlyOf, type SelectionOptions, selectionOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { refuseAbsentData, type Session, withSession } from "./session.ts";

/** Runs that the estimate learns from. */
const history = 20;

export function addPlan(program: Command): void {
  selectionOptions(stateOptions(program.command("plan")))
    .description("says what a run would draw, why, and how long it would take")
    .argument("[preset]", "what to draw, by the catalog (default: that of replot.yaml, or full)")
    .option("--write <directory>", "write a master plan and a job file per city there")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot plan full", "what this week's run would do"],
        ["replot plan full --stack prod", "what the stack's next run would do"],
        ["replot plan test --write plans", "job files, to call the R image by hand"],
      ]),
    )
    .action(async (named: string | undefined, options: SelectionOptions & { write?: string; json?: boolean }) => {
      const work = async (session: Session): Promise<void> => {
        const { catalog, settings, stores, deployment } = session;
        const preset = named ?? settings.preset;
        const { selection } = resolveSelection(catalog, preset, onlyOf(options));
        await refuseAbsentData(settings);
        const draws =
          deployment === undefined
            ? await openEngine(settings, stores.dataDirectory)
            : { identity: deployment.rImage, remarks: [], inputs: (inputs: Inputs) => inputs };
        const planned = await planRun(asSeenBy(draws, session), {
          preset,
          catalog,
          selection,
          image: draws.identity,
          remarks: draws.remarks,
          workers: settings.workers,
          force: options.force === true,
          alreadyDone: new Set<CityCode>(),
        });
        await (options.json
          ? printJson(planDescription(planned))
          : print(planText(planDescription(planned), terminalWidth(process.stdout))));
        if (options.write !== undefined) await writePlan(planned, resolve(options.write));
      };
      await withSession(options, work, "treat as empty");
    });
}

/** What `regenerate --dry-run` prints: the plan of that very order. */
export async function printPlan(session: Session, order: RunOptions, json: boolean): Promise<void> {
  const planned = await planRun(session, { ...order, preset: order.request.preset, force: order.request.force });
  await (json
    ? printJson(planDescription(planned))
    : print(planText(planDescription(planned), terminalWidth(process.stdout))));
}

async function planRun(
  { stores }: Session,
  options: PlanningOptions & Pick<PlannedRun, "preset" | "workers" | "remarks">,
): Promise<PlannedRun> {
  const plans = await planCities(options, stores);
  const runs = await stores.ledger.runs(history);
  const records = (await Promise.all(runs.map(({ id }) => stores.ledger.cities(id)))).flat();
  const rows: IndexRow[] = [];
  for await (const row of stores.index.all()) rows.push(row);
  return { ...options, plans, estimate: estimate({ plans, history: records, rows, workers: options.workers }) };
}

async function writePlan(planned: PlannedRun, directory: string): Promise<void> {
  const files = planFiles(planned);
  for (const { path, text } of files) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await print(`Wrote ${plural(files.length, "file")} to ${directory}`);
}
