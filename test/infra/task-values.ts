/** A task with everything that can be set, in values that are easy to read in the snapshot. */
import type { TaskDefinitionValues } from "../../infra/task-definition.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

export const taskValues: TaskDefinitionValues = {
  family: "replot-dev",
  region: "us-east-1",
  taskRole: "arn:aws:iam::123456789012:role/replot-dev-task",
  executionRole: "arn:aws:iam::123456789012:role/replot-dev-execution",
  logGroup: "/replot/dev",
  runnerImage: `${registry}/replot-dev/runner@${digest("a")}`,
  rImage: `${registry}/replot-dev/r@${digest("b")}`,
  cpu: 4096,
  memory: 16384,
  ephemeralStorage: 30,
  cloud: {
    stack: "dev",
    dataBucket: "replot-dev-data-1a2b3c4",
    plotsBucket: "replot-dev-plots-1a2b3c4",
    plotsTable: "replot-dev-plots",
    runsTable: "replot-dev-runs",
    topicArn: "arn:aws:sns:us-east-1:123456789012:replot-dev-reports",
  },
  preset: "full",
  catalog: "/opt/replot/catalog/ryan-white.yaml",
  workers: 4,
  attempts: 3,
  cityTimeoutSeconds: 3600,
  maxRunSeconds: 21600,
  capacity: "FARGATE",
  successEmails: true,
  rCommand: ["batch"],
  rEvents: true,
  rDirectory: "/srv/ryanwhite",
  rReadOnlyRoot: true,
  rUser: undefined,
  rSecrets: { TOKEN: "arn:aws:ssm:us-east-1:123456789012:parameter/replot/token" },
};
