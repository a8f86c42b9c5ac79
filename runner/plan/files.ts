/** Writes a plan as files: a master plan, and a job file for each city that would run. */
import { stringify } from "yaml";
import { type PlannedRun, planDescription } from "./describe.ts";
import { jobFile } from "./job.ts";

export interface PlanFile {
  /** Below the directory that `plan --write` names. */
  readonly path: string;
  readonly text: string;
}

/** `master_plan.yaml`, and `jobs/<city>.yaml` with the plots that are due, as a run would pass it to the R image. */
export function planFiles(run: PlannedRun): PlanFile[] {
  const plan = planDescription(run);
  const jobs = run.plans
    .filter(({ due }) => due.length > 0)
    .map(({ city, due }) => ({ city, path: `jobs/${city}.yaml`, text: jobFile(run.catalog, due) }));
  const jobOf = new Map(jobs.map(({ city, path }) => [city, path]));
  const master = { ...plan, cities: plan.cities.map((city) => ({ ...city, job: jobOf.get(city.city) ?? null })) };
  return [
    { path: "master_plan.yaml", text: stringify(master, { lineWidth: 0 }) },
    ...jobs.map(({ path, text }) => ({ path, text })),
  ];
}
