/** Metrics of a run in CloudWatch, each with the stack as its one dimension: the runner writes them, the dashboard shows them. */
export const metricsNamespace = "replot";

export const metricNames = {
  plotsPublished: "PlotsPublished",
  plotsMissing: "PlotsMissing",
  citiesFailed: "CitiesFailed",
  /** One value a city. */
  citySeconds: "CitySeconds",
  runSeconds: "RunSeconds",
  /** US dollars, estimated. */
  cost: "Cost",
  /** Calls of AWS that were repeated. */
  retries: "Retries",
} as const;
