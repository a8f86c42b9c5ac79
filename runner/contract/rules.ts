/** Goes through the batch contract rule by rule, with what trials of a program have shown. Functions of values alone. */
import { type PlotRule, plotRules, type Quirk } from "../check/verdict.ts";
import { duration, plural } from "../format/format.ts";
import { plotPath } from "../layout.ts";
import { isSharedFile } from "../render/attempt/output.ts";
import { describeEnd, explainMissing } from "../render/attempt/reason.ts";
import { firstOf, shorten } from "../text/clean.ts";
import type { RuleResult } from "./rule.ts";
import type { DrawnPlot, Observations, Trial } from "./trial.ts";

type Judgement = Omit<RuleResult, "rule">;

const right = (detail: string): Judgement => ({ state: "right", detail });
const tolerated = (detail: string, mend: string): Judgement => ({ state: "tolerated", detail, mend });
const refused = (detail: string, mend: string): Judgement => ({ state: "refused", detail, mend });
const notChecked = (detail: string): Judgement => ({ state: "not checked", detail });

/** Every rule of the contract, in the order in which docs/program.md has them. */
export function judgeContract(seen: Observations): RuleResult[] {
  const judgements: readonly (readonly [string, Judgement])[] = [
    ["Exit code", exitCode(seen)],
    ["Files", files(seen)],
    ...plotRules.map((rule) => [ruleNames[rule], plotRule(rule, seen)] as const),
    ["Events", events(seen)],
    ["--dry-run", dryRun(seen)],
    ["--include-html", pages(seen)],
    ["Extra files", extraFiles(seen)],
    ["Log", log(seen)],
    ["Working directory", workingDirectory(seen)],
    ["Second run", secondRun(seen)],
    ["Surroundings", surroundings(seen)],
  ];
  return judgements.map(([rule, judgement]) => ({ rule, ...judgement }));
}

function exitCode({ asked, first: { result } }: Observations): Judgement {
  const { end, log, missing, seconds } = result;
  const { end: words } = describeEnd(end, log);
  if (missing.length === 0) {
    if (end.kind === "exited" && end.code === 0) return right(`0, after ${duration(seconds)}`);
    return tolerated(`${words}, although all plots were drawn`, "exit with 0 when every plot was drawn");
  }
  const why = explainMissing(end, log, { due: asked.length, missing: missing.length }).text;
  if (end.kind === "exited" && end.code === 0) {
    return tolerated(`0, although ${missing.length} of ${plural(asked.length, "plot")} were not written`, exitWithOne);
  }
  if (end.kind === "exited" && end.code === 1) return right(`1, since plots were not drawn: ${why}`);
  return refused(why, "read the log below; the program must end by itself, with 0, or with 1 where plots are missing");
}

const exitWithOne = "exit with 1 where a plot could not be drawn";

function files({ asked, first: { result } }: Observations): Judgement {
  const { missing, extras } = result;
  if (missing.length === 0) return right(`${plural(asked.length, "figure")} at the contract's paths`);
  const paths = list(missing.map((plot) => `${plotPath(plot)}.json`));
  const instead = extras.length === 0 ? "" : `; it wrote ${list(extras)}`;
  return refused(
    `${missing.length} of ${plural(asked.length, "figure")} not at the contract's path below --output-dir: ${paths}${instead}`,
    "write each figure to <output-dir>/<city>/<scenario>/<outcome>_<statistic>_<facet part>.json",
  );
}

const ruleNames: Readonly<Record<PlotRule, string>> = {
  size: "Size",
  json: "JSON, UTF-8",
  traces: "Traces",
  panels: "Panels",
  titles: "Titles",
  metadata: "Metadata",
};

const satisfied: Readonly<Record<PlotRule, string>> = {
  size: "plain files within the catalog's limit",
  json: "figures are JSON in UTF-8",
  traces: "Baseline and the scenario, with finite numbers",
  panels: "one for each stratum that the catalog lists",
  titles: "no title names another outcome",
  metadata: "names the plots that were asked for",
};

const mends: Readonly<Record<PlotRule, string>> = {
  size: "write a plain file, and thin out the points until it fits limits.bytes of the catalog",
  json: 'write one JSON object with data and layout, as UTF-8, with null for a missing number (jsonlite: na = "null")',
  traces:
    'name the traces "Baseline" and as the scenario is called in the job file (catalog.scenarios), with numbers in y',
  panels:
    "draw one pair of axes (xaxis, yaxis) for each combination of the strata in the job file (catalog.dimensions)",
  titles: "draw the outcome that was asked for, and label it by its name in the job file (catalog.outcomes)",
  metadata:
    "write city, scenario, outcome, statistic_type and facet_choice as the job file has them, or leave them out",
};

/** Which rule a tolerated habit departs from, and what would be right. */
const habits: Readonly<Record<Quirk, readonly [PlotRule, string]>> = {
  'missing numbers written as "NA"': ["json", 'write null (jsonlite: na = "null")'],
  "empty values written as {}": ["json", "write null, or leave the field out"],
  "one-element arrays written as scalars": ["json", "write arrays (jsonlite: I(x), or auto_unbox only for names)"],
  "keys beside data and layout": ["json", "write data and layout alone"],
  "pretty-printed": ["json", "write without line breaks: figures become smaller"],
  "file begins with a byte-order mark": ["json", "write UTF-8 without a byte-order mark"],
  "metadata values in one-element arrays": ["metadata", "write plain texts (jsonlite: auto_unbox = TRUE)"],
  "metadata codes written as numbers": ["metadata", "write identifiers as texts"],
  "metadata file missing": ["metadata", "write <figure without .json>_metadata.json beside each figure, after it"],
};

function plotRule(rule: PlotRule, { first: { plots } }: Observations): Judgement {
  const place = plotRules.indexOf(rule);
  const broken = plots.flatMap(({ plot, judged }) =>
    !judged.valid && placeOf(judged.rule) === place ? [`${plotPath(plot)}: ${judged.reason}`] : [],
  );
  if (broken.length > 0) return refused(list(broken), mends[rule]);
  const looked = plots.filter(({ judged }) => judged.valid || placeOf(judged.rule) > place);
  if (looked.length === 0) return notChecked("no figure that fulfils the rules before it");
  const found = [...new Set(looked.flatMap(({ judged }) => (judged.valid ? judged.quirks : [])))].filter(
    (quirk) => habits[quirk][0] === rule,
  );
  if (found.length > 0)
    return tolerated(found.join("; "), [...new Set(found.map((quirk) => habits[quirk][1]))].join("; "));
  if (rule === "panels" && looked.every(({ plot }) => plot.facet === "none")) {
    return notChecked("no facet was asked for");
  }
  return right(satisfied[rule]);
}

/** A file that is no plain one is told with the first rule. */
function placeOf(rule: PlotRule | "file"): number {
  return rule === "file" ? 0 : plotRules.indexOf(rule);
}

function events({ events, first: { result } }: Observations): Judgement {
  if (!events) return notChecked("not claimed (--r-events): plots are found by looking into the output directory");
  const { announced, finished, garbage } = result;
  if (garbage > 0) {
    return tolerated(
      `${plural(garbage, "line")} of the events file tell of no plot that was asked for and is there`,
      eventLine,
    );
  }
  if (announced.length < finished.length) {
    return tolerated(`events told of ${announced.length} of ${plural(finished.length, "plot")}`, eventLine);
  }
  return finished.length === 0
    ? notChecked("no plot was drawn")
    : right(`one for each of ${plural(finished.length, "plot")}`);
}

const eventLine =
  "append one JSON line to the file of --events for each plot, once both its files are written (docs/program.md), or don't say --r-events";

const nothingDrawn = notChecked("the first run drew nothing");

function dryRun({ others }: Observations): Judgement {
  if (others === undefined) return nothingDrawn;
  const { end, log, finished, extras } = others.dryRun.result;
  if (end.kind !== "exited" || end.code !== 0) {
    return tolerated(
      `${describeEnd(end, log).end}; replot doctor and replot check --image take that for a program that does not work`,
      "with --dry-run read the job file, draw nothing and exit with 0",
    );
  }
  const written = finished.length + extras.length;
  if (written > 0) return tolerated(`wrote ${plural(written, "file")}`, "with --dry-run draw nothing");
  return right("draws nothing, exit 0");
}

function pages({ asked, others }: Observations): Judgement {
  if (others === undefined) return nothingDrawn;
  const { result, plots } = others.withPages;
  if (result.missing.length > 0) {
    return tolerated(
      `plots are missing with this option (${describeEnd(result.end, result.log).end}): regenerate --html fails`,
      "take --include-html, and ignore it where you write no pages: replot makes them",
    );
  }
  const written = plots.filter(({ hasPage }) => hasPage).length;
  if (written === asked.length) return right(`${plural(written, "page")} beside the figures`);
  return right(`${written} of ${plural(asked.length, "page")} written; replot makes those that are missing`);
}

function extraFiles({ first, others }: Observations): Judgement {
  const trials: readonly Trial[] = others === undefined ? [first] : [first, others.withPages];
  const extras = [...new Set(trials.flatMap(({ result }) => result.extras))].filter((file) => !isSharedFile(file));
  if (extras.length === 0) return right("none");
  return tolerated(
    `${list(extras)}; they are reported and not published`,
    "write nothing else below --output-dir; TMPDIR is for the rest",
  );
}

const logLine = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] [A-Z]+: |^\[\d+\/\d+\] [A-Z]+: /;

function log({ first: { result } }: Observations): Judgement {
  const lines = result.log.filter((line) => line.trim() !== "");
  const form = "write lines such as [2026-11-22 09:00:00] ERROR: what failed and why";
  if (lines.length === 0) return tolerated("the program writes nothing", form);
  const [other] = lines.filter((line) => !logLine.test(line));
  const formed = lines.filter((line) => logLine.test(line)).length;
  if (formed === 0 && other !== undefined) {
    return tolerated(`no line has the contract's form, such as: ${shorten(other)}`, form);
  }
  return right(`${formed} of ${plural(lines.length, "line")} in the contract's form`);
}

function workingDirectory({ touched }: Observations): Judgement {
  if (touched === undefined) return notChecked("it is a container's, removed with it");
  if (touched.length === 0) return right("untouched");
  return tolerated(
    `changed there: ${list(touched)}`,
    "write below --output-dir and TMPDIR alone: in AWS inputs can't be written",
  );
}

function secondRun({ first, others }: Observations): Judgement {
  if (others === undefined) return nothingDrawn;
  const before = digests(first.plots);
  const after = digests(others.second.plots);
  const both = [...before].filter(([path]) => after.has(path));
  if (both.length === 0) return notChecked("no valid figure to compare");
  const differing = both.filter(([path, sha256]) => after.get(path) !== sha256);
  if (differing.length === 0) return right("the same bytes");
  return tolerated(
    `other bytes from the same inputs: ${list(differing.map(([path]) => path))}; each forced run counts such plots as changed`,
    "set a seed, and leave times, random identifiers and temporary names out of figures",
  );
}

function digests(plots: readonly DrawnPlot[]): ReadonlyMap<string, string> {
  return new Map(
    plots.flatMap(({ plot, sha256 }) => (sha256 === undefined ? [] : [[plotPath(plot), sha256] as const])),
  );
}

function surroundings({ remarks }: Observations): Judgement {
  return remarks.length === 0 ? right("UTF-8, own work directory") : tolerated(list(remarks), "see docs/program.md");
}

function list(items: readonly string[]): string {
  return firstOf(items, 3, (more) => `and ${more} more`).join("; ");
}
