/** A run's numbers for CloudWatch: one line on standard output, which its logs turn into metrics by themselves. */
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { needAttention, type Summary } from "../report/summary.ts";

/** Names that the dashboard shows. */
export const metricNames = {
  namespace: "replot",
  /** The only dimension. */
  dimension: "stack",
  published: "PlotsPublished",
  missing: "PlotsMissing",
  failed: "CitiesFailed",
  citySeconds: "CitySeconds",
  runSeconds: "RunSeconds",
  cost: "Cost",
  retries: "Retries",
} as const;

/** @param stack the dimension's value */
export function emitMetrics({ run, cities }: Summary, stack: string): void {
  const { namespace, dimension } = metricNames;
  const metrics = new Metrics({ namespace });
  // the library's own dimension, the name of a service, would make these other metrics
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ [dimension]: stack });
  metrics.addMetric(metricNames.published, MetricUnit.Count, run.counts.changed);
  metrics.addMetric(metricNames.missing, MetricUnit.Count, run.counts.missing);
  metrics.addMetric(metricNames.failed, MetricUnit.Count, needAttention(cities).length);
  metrics.addMetric(metricNames.retries, MetricUnit.Count, run.repeated ?? 0);
  if (run.cost !== undefined) metrics.addMetric(metricNames.cost, MetricUnit.NoUnit, run.cost);
  if (run.ended !== undefined) {
    const seconds = (Date.parse(run.ended) - Date.parse(run.started)) / 1000;
    metrics.addMetric(metricNames.runSeconds, MetricUnit.Seconds, seconds);
  }
  for (const { attempts, seconds } of cities) {
    if (attempts.length > 0) metrics.addMetric(metricNames.citySeconds, MetricUnit.Seconds, seconds);
  }
  metrics.publishStoredMetrics();
}
