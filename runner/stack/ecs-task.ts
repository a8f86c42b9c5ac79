/** Describes and stops a task of a stack. */
import { DescribeTasksCommand, StopTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { taskId } from "../deployment/task-containers.ts";
import { messageOf } from "../errors.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import type { Stack } from "./open.ts";

/** @returns undefined if ECS does not know the task: too early, or an hour after it stopped */
export async function describeTask({ deployment, ecs }: Stack, arn: string): Promise<Task | undefined> {
  const command = new DescribeTasksCommand({ cluster: deployment.cluster, tasks: [arn] });
  const { tasks } = await ecs.send(command).catch((thrown: unknown) => {
    throw awsFailure({ action: "ecs:DescribeTasks", on: `task ${taskId(arn)}` }, thrown);
  });
  return tasks?.[0];
}

/** @returns false if ECS no longer knows the task */
export async function stopTask({ deployment, ecs }: Stack, arn: string, reason: string): Promise<boolean> {
  try {
    await ecs.send(new StopTaskCommand({ cluster: deployment.cluster, task: arn, reason }));
    return true;
  } catch (thrown) {
    if (/task was not found|could not find task/i.test(messageOf(thrown))) return false;
    throw awsFailure({ action: "ecs:StopTask", on: `task ${taskId(arn)}` }, thrown);
  }
}
