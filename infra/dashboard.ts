/** What weeks of runs look like: plots, failures, seconds per city, cost. */
import * as aws from "@pulumi/aws";
import { metricNames } from "../runner/fargate/metrics.ts";
import type { Stack } from "./stack.ts";

type Statistic = "Sum" | "Average" | "Maximum" | "p95";

interface Panel {
  readonly title: string;
  /** What the vertical axis counts. */
  readonly unit: string;
  readonly lines: readonly {
    readonly metric: string;
    readonly label: string;
    readonly statistic: Statistic;
  }[];
}

const panels: readonly Panel[] = [
  {
    title: "Plots per run",
    unit: "plots",
    lines: [
      { metric: metricNames.published, label: "published", statistic: "Sum" },
      { metric: metricNames.missing, label: "missing", statistic: "Sum" },
    ],
  },
  {
    title: "Failures per run",
    unit: "count",
    lines: [
      { metric: metricNames.failed, label: "cities that failed", statistic: "Sum" },
      { metric: metricNames.retries, label: "calls of AWS repeated", statistic: "Sum" },
    ],
  },
  {
    title: "Time per city and per run",
    unit: "seconds",
    lines: [
      { metric: metricNames.citySeconds, label: "city, average", statistic: "Average" },
      { metric: metricNames.citySeconds, label: "city, slowest", statistic: "Maximum" },
      { metric: metricNames.runSeconds, label: "run", statistic: "Maximum" },
    ],
  },
  {
    title: "Cost per run",
    unit: "US dollars",
    lines: [{ metric: metricNames.cost, label: "estimated from seconds", statistic: "Sum" }],
  },
];

/** A run is one point: a day is the finest that a weekly run needs. */
const period = 24 * 3600;
/** Of the dashboard's 24 columns. */
const width = 12;
const height = 6;

/** The dashboard as CloudWatch takes it. */
function dashboardBody(region: string, stack: string) {
  return {
    start: "-P3M",
    widgets: panels.map(({ title, unit, lines }, n) => ({
      type: "metric",
      x: (n % 2) * width,
      y: Math.floor(n / 2) * height,
      width,
      height,
      properties: {
        title,
        region,
        period,
        view: "timeSeries",
        stacked: false,
        yAxis: { left: { label: unit, min: 0, showUnits: false } },
        metrics: lines.map(({ metric, label, statistic }) => [
          metricNames.namespace,
          metric,
          metricNames.dimension,
          stack,
          { label, stat: statistic },
        ]),
      },
    })),
  };
}

export function dashboard({ name, names, place }: Stack): aws.cloudwatch.Dashboard {
  return new aws.cloudwatch.Dashboard("runs", {
    dashboardName: names.dashboard,
    dashboardBody: JSON.stringify(dashboardBody(place.region, name)),
  });
}
