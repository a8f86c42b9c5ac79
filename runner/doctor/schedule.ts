/** Will runs begin by themselves? Somebody may have switched the schedule off in the console, and nothing else tells. */
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import type { Stack } from "../stack/open.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";

/** @throws {UnavailableError} where the schedule is gone or can't be read */
export async function checkSchedule({ deployment, clients }: Stack, what: string): Promise<Finding> {
  const { schedule: path } = deployment;
  if (path === undefined) {
    return warn(what, "off: runs begin only when somebody starts them", "pulumi config rm schedule, then pulumi up");
  }
  const [group = "", name = ""] = path.split("/");
  const scheduler = new SchedulerClient(clients.settings);
  try {
    const schedule = await scheduler
      .send(new GetScheduleCommand({ GroupName: group, Name: name }))
      .catch((thrown: unknown) => {
        throw awsFailure({ action: "scheduler:GetSchedule", on: `schedule ${path}` }, thrown);
      });
    const times = `${schedule.ScheduleExpression}, ${schedule.ScheduleExpressionTimezone}`;
    if (schedule.State === "ENABLED") return ok(what, times);
    return wrong(
      what,
      `${path} was switched off past Pulumi: no run begins by itself (${times})`,
      "pulumi up --refresh",
    );
  } finally {
    scheduler.destroy();
  }
}
