/** Describes the progress of a run from its ledger. */

import { count, duration, plural } from "../format/format.ts";
import type { CityRecord, RunRecord } from "../records.ts";
import { addCounts, plotsSoFar } from "../report/summary.ts";

/**
 * `7 of 31 cities done, 2 at work (C.12580, C.12940); 12,420 of 56,358 plots; 12 min 3 s, at most 4 h`
 * @param now milliseconds since 1970
 * @param deadline when the run is ended at the latest; milliseconds since 1970
 */
export function ledgerLine(run: RunRecord, cities: readonly CityRecord[], now: number, deadline: number): string {
  const began = Date.parse(run.started);
  const time = `${duration(Math.max(0, Math.round((now - began) / 1000)))}, at most ${duration((deadline - began) / 1000)}`;
  return `${citiesLine(cities)}; ${time}`;
}

/** `7 of 31 cities done, 2 at work (C.12580, C.12940); 12,420 of 56,358 plots` */
export function citiesLine(cities: readonly CityRecord[]): string {
  if (cities.length === 0) return "planning";
  const atWork = cities.filter(({ state }) => state === "running").map(({ city }) => city);
  const done = cities.filter(({ state }) => state !== "running" && state !== "pending");
  const named = atWork.length > 0 && atWork.length <= 4 ? ` (${atWork.join(", ")})` : "";
  const working = atWork.length === 0 ? "" : `, ${count(atWork.length)} at work${named}`;
  const plots = cities.reduce((sum, city) => sum + plotsSoFar(city), 0);
  const all = addCounts(cities.map(({ counts }) => counts));
  return (
    `${count(done.length)} of ${plural(cities.length, "city", "cities")} done${working}; ` +
    `${count(plots)} of ${plural(all.expected, "plot")}`
  );
}
