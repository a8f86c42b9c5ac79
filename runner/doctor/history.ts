/** Is the task large enough, and its life long enough, judged by what became of the latest runs? */
import type { Deployment } from "../deployment/deployment.ts";
import { count, duration, plural } from "../format/format.ts";
import type { CityRecord, RunRecord } from "../records.ts";
import { type Finding, ok, warn } from "./check.ts";

const what = "Task's size";
/** A run that takes more than this part of its time limit is close to being cut off. */
const comfortable = 0.7;

/** Pure. */
export function checkHistory(
  { taskCpu, taskMemory, maxRunSeconds }: Deployment,
  runs: readonly RunRecord[],
  cities: readonly CityRecord[],
): Finding {
  const size = `${plural(taskCpu / 1024, "core")}, ${taskMemory / 1024} GiB`;
  const attempts = cities.flatMap(({ city, attempts }) => attempts.map((attempt) => ({ ...attempt, city })));
  const killed = attempts.filter(({ endKind }) => endKind === "out-of-memory");
  if (killed.length > 0) {
    const named = [...new Set(killed.map(({ city }) => city))].slice(0, 5).join(", ");
    return warn(
      what,
      `${size}; R ran out of memory in ${count(killed.length)} of the latest ${plural(attempts.length, "start")} (${named})`,
      "give the task more memory (pulumi config set memory MIB, then pulumi up), or run fewer workers",
    );
  }
  const seconds = runs.flatMap(({ started, ended }) =>
    ended === undefined ? [] : [(Date.parse(ended) - Date.parse(started)) / 1000],
  );
  const longest = Math.max(0, ...seconds);
  const life = `of at most ${duration(maxRunSeconds)}`;
  if (longest > comfortable * maxRunSeconds) {
    return warn(
      what,
      `${size}; a run took ${duration(longest)} ${life}`,
      "give it longer or more cores: pulumi config set maxRunHours HOURS, or cpu UNITS; then pulumi up",
    );
  }
  return ok(
    what,
    seconds.length === 0
      ? `${size}; no run yet to judge by`
      : `${size}; the longest run took ${duration(longest)} ${life}`,
  );
}
