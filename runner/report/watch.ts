/** Shows the progress of a run: a live display on a terminal, plain lines on other streams. */
import { styleText } from "node:util";
import { createLogUpdate } from "log-update";
import type { Catalog } from "../catalog/catalog.ts";
import type { CityCode, RunId } from "../domain.ts";
import { count, plural } from "../format/format.ts";
import { terminalWidth } from "../format/table.ts";
import type { CityPlan } from "../plan/plan.ts";
import type { CityRecord, CityState } from "../records.ts";
import type { Observer } from "./observer.ts";
import { endLine, frame, newProgress, notDrawn, overview, type Progress } from "./progress.ts";

const frameMilliseconds = 200;
const plainMilliseconds = 30_000;

const colours: Readonly<Record<CityState, Parameters<typeof styleText>[0]>> = {
  pending: "yellow",
  running: "blue",
  published: "green",
  partial: "yellow",
  failed: "red",
  skipped: "dim",
  held: "yellow",
};

/** @param stream output stream; the live display needs a terminal */
export function watch(catalog: Catalog, stream: NodeJS.WriteStream): Observer {
  const live = stream.isTTY === true;
  const screen = createLogUpdate(stream);
  const nameOf = (city: CityCode) => catalog.cities.get(city)?.shortName ?? city;
  let progress: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Cities that are not drawn and that were reported together in one line. */
  const toldTogether = new Set<CityCode>();

  const draw = () => {
    if (progress === undefined) return;
    if (live) screen(frame(progress, Date.now(), terminalWidth(stream)));
    else stream.write(`${overview(progress, Date.now())}\n`);
  };
  const say = (text: string) => {
    if (live) screen.clear();
    stream.write(`${text}\n`);
    if (live) draw();
  };

  return {
    planned(run: RunId, plans: readonly CityPlan[]) {
      progress = newProgress(plans, nameOf, Date.now());
      const due = plans.reduce((sum, plan) => sum + plan.due.length, 0);
      const cities = plans.filter((plan) => plan.due.length > 0).length;
      say(
        `Run ${run}: ${plural(due, "plot")} to draw for ${plural(cities, "city", "cities")} of ${count(plans.length)}`,
      );
      for (const { cities, line } of notDrawn(plans)) {
        for (const city of cities) toldTogether.add(city);
        say(line);
      }
      timer = setInterval(draw, live ? frameMilliseconds : plainMilliseconds);
      timer.unref();
    },
    started(city, due, attempt) {
      const known = progress?.cities.get(city);
      if (known) Object.assign(known, { state: "running", attempt, since: Date.now() });
      if (!live)
        say(`${city} ${nameOf(city)}  R draws ${plural(due, "plot")}${attempt > 1 ? `, attempt ${attempt}` : ""}`);
    },
    plot(city, valid) {
      const known = progress?.cities.get(city);
      if (!known) return;
      known.done += 1;
      if (!valid) known.refused += 1;
    },
    ended(record: CityRecord) {
      const known = progress?.cities.get(record.city);
      if (known) known.state = record.state;
      if (toldTogether.has(record.city)) return;
      const line = endLine(record, nameOf(record.city));
      say(styleText(colours[record.state], line, { stream }));
    },
    note: say,
    close() {
      clearInterval(timer);
      if (live) screen.clear();
    },
  };
}
