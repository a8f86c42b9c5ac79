/** Every grant of every role, for resources with names that read well in a table. */
import { executionGrants } from "../../infra/policies/execution.ts";
import type { Grant } from "../../infra/policies/grant.ts";
import { schedulerGrants } from "../../infra/policies/scheduler.ts";
import { taskGrants } from "../../infra/policies/task.ts";
import { watchdogGrants } from "../../infra/policies/watchdog.ts";

const place = { partition: "aws", region: "REGION", account: "ACCOUNT" } as const;
const clusterName = "CLUSTER";
const [cluster, plotsBucket, runsTable, topic] = ["cluster", "plots bucket", "table runs", "topic"] as const;
const deadLetterQueue = "dead-letter queue";

export const grants: Readonly<Record<string, readonly Grant[]>> = {
  task: taskGrants({ dataBucket: "data bucket", plotsBucket, plotsTable: "table plots", runsTable, topic }),
  execution: executionGrants({
    repositories: ["repository runner", "repository r"],
    logGroup: "log group of tasks",
    parameters: ["each of rSecrets"],
  }),
  scheduler: schedulerGrants({
    place,
    taskFamily: "FAMILY",
    clusterName,
    cluster,
    taskRole: "task role",
    executionRole: "execution role",
    deadLetterQueue,
  }),
  watchdog: watchdogGrants({
    place,
    clusterName,
    cluster,
    plotsBucket,
    runsTable,
    topic,
    deadLetterQueue,
    logGroup: "its log group",
    taskLogGroup: "log group of tasks",
  }),
};

/** The table of `docs/infrastructure.md`: who may do what, why. */
export function grantsTable(): string {
  const code = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join(" ");
  const rows = Object.entries(grants).flatMap(([role, all]) =>
    all.map(({ actions, resources, conditions = {}, why, pattern = "" }) => {
      const when = Object.values(conditions).flatMap((keys) =>
        Object.entries(keys ?? {}).map(([key, value]) => `\`${key}\` is \`${[value].flat().join("`, `")}\``),
      );
      return `| ${[role, code(actions), code(resources), when.join("; "), why, pattern].join(" | ")} |`;
    }),
  );
  return ["| role | may | on | if | why | why a `*` |", "| --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
}
