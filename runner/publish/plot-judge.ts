/** Reads the files of one finished plot and decides whether it can be published, by all rules of `check/`. */
import type { Catalog } from "../catalog/catalog.ts";
import { panelCount } from "../catalog/facet.ts";
import { checkFigure } from "../check/figure.ts";
import { checkMetadata } from "../check/metadata.ts";
import { titleCheck } from "../check/titles.ts";
import type { PlotRule, Quirk } from "../check/verdict.ts";
import type { FinishedPlot } from "../render/pool.ts";
import { readOutput, UnfitOutput } from "../render/read-output.ts";

export type JudgedPlot =
  | {
      readonly valid: true;
      readonly figure: Buffer;
      readonly html: Buffer | undefined;
      readonly quirks: readonly Quirk[];
    }
  /** `rule`: the first one that is broken; `file`: it is no plain file, or too large. `reason` is a clause of its own. */
  | { readonly valid: false; readonly rule: PlotRule | "file"; readonly reason: string };

/**
 * @returns judges one plot
 * @throws (the function that it returns) where a file can't be read for another reason than what it is
 */
export function plotJudge(catalog: Catalog): (finished: FinishedPlot) => JudgedPlot {
  const dimensions = [...catalog.dimensions.keys()];
  const titles = titleCheck(catalog);
  return (finished) => {
    try {
      return judge(finished);
    } catch (error) {
      if (error instanceof Unfit) return { valid: false, rule: "file", reason: error.message };
      throw error;
    }
  };

  function judge({ plot, figure: path, metadata, html }: FinishedPlot): JudgedPlot {
    const figure = readOf("the figure", path, catalog.limits.bytes, "the catalog allows");
    const shown = checkFigure(figure, {
      plot,
      scenarioName: catalog.scenarios.get(plot.scenario)?.name ?? plot.scenario,
      panels: panelCount(plot.facet, catalog),
      maxBytes: catalog.limits.bytes,
      titles,
    });
    if (!shown.valid) return { ...shown, reason: `the figure ${shown.reason}` };
    const bytes = metadata === undefined ? undefined : readOf("the metadata file", metadata, largestMetadata);
    const said = checkMetadata(bytes, plot, dimensions);
    if (!said.valid) return { ...said, reason: `the figure ${said.reason}` };
    return {
      valid: true,
      figure,
      html: html === undefined ? undefined : readOf("the HTML page", html, largestPage),
      quirks: [...new Set([...shown.quirks, ...said.quirks])],
    };
  }
}

/** Bytes of a metadata file, at most: it names the plot. */
const largestMetadata = 1_000_000;

/** Bytes of an HTML page, at most: a page that carries its own plotly.js has 5 million. */
const largestPage = 20_000_000;

/** A file of a plot that cannot be published, whatever is in it. */
class Unfit extends Error {}

/** {@link readOutput}, with the file named where it is unfit. */
function readOf(what: string, path: string, limit: number, limitedBy?: string): Buffer {
  try {
    return readOutput(path, limit, limitedBy);
  } catch (error) {
    throw error instanceof UnfitOutput ? new Unfit(`${what} ${error.message}`) : error;
  }
}
