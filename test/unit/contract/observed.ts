/** What trials of a program show that keeps to every rule; tests change one thing of it. */
import type { DrawnPlot, Observations, Trial } from "../../../runner/contract/trial.ts";
import type { PlotId } from "../../../runner/domain.ts";

export function drawn(plot: PlotId, changes: Partial<DrawnPlot> = {}): DrawnPlot {
  const judged = { valid: true, figure: Buffer.from("{}"), html: undefined, quirks: [] } as const;
  return { plot, judged, sha256: "one", hasPage: false, ...changes };
}

export function trial(
  asked: readonly PlotId[],
  result: Partial<Trial["result"]> = {},
  plots: readonly DrawnPlot[] = asked.map((plot) => drawn(plot)),
): Trial {
  return {
    plots,
    result: {
      end: { kind: "exited", code: 0 },
      seconds: 1,
      logFile: "log",
      log: ["[2026-11-22 09:00:00] INFO: SUCCESS: Generated a.json"],
      outputDirectory: "output",
      finished: asked,
      missing: [],
      extras: [],
      announced: [],
      garbage: 0,
      ...result,
    },
  };
}

export function observed(asked: readonly PlotId[], changes: Partial<Observations> = {}): Observations {
  return {
    asked,
    events: false,
    first: trial(asked),
    others: { dryRun: trial([]), withPages: trial(asked), second: trial(asked) },
    touched: [],
    remarks: [],
    ...changes,
  };
}
