/** A task of the weather model, whose program has the habits that a test asks for. */
import { readdir } from "node:fs/promises";
import { settingsTable } from "../../runner/settings/table.ts";
import { type Installation, weatherCatalog, weatherCommand } from "./installation.ts";
import type { State } from "./state.ts";
import { startTask, type TaskOptions, type TestTask } from "./task.ts";
import { until } from "./until.ts";

/** @param habits of the program; see `weather/draw.R` */
export function startWeatherTask(
  here: Pick<Installation, "marks">,
  options: Omit<TaskOptions, "catalog"> & Partial<TaskOptions>,
  habits = "",
): Promise<TestTask> {
  return startTask({
    catalog: weatherCatalog,
    ...options,
    environment: { [settingsTable.rCommand.variable]: weatherCommand, ...options.environment },
    rEnvironment: { FOREIGN_HABITS: habits, FOREIGN_MARKS: here.marks, ...options.rEnvironment },
  });
}

/** Resolves once station S.1 waits half way (its habit is `gate`) and the two others have been published. */
export async function untilGate(here: Installation, task: TestTask, state: () => Promise<State>): Promise<void> {
  await until("S.1 to wait half way and the others to be published", async () => {
    if (task.process.exitCode !== null) throw new Error((await task.ended).stderr);
    const { cities } = await state();
    const marks = await readdir(here.marks);
    return marks.includes("S.1.waiting") && cities.filter(({ state }) => state === "published").length === 2;
  });
}
