/** The pipeline in AWS, part by part. Pulumi calls it, and shows what it returns as the stack's outputs. */
import { budgetAlarm } from "./budget.ts";
import { readConfig, scheduleOf } from "./config.ts";
import { dashboard } from "./dashboard.ts";
import { Images } from "./images.ts";
import { findSubnets, Network } from "./network.ts";
import { Notifications } from "./notifications.ts";
import { stackOutputs } from "./outputs.ts";
import { reportUserErrors } from "./report-user-errors.ts";
import { Schedule } from "./schedule.ts";
import { describeStack } from "./stack.ts";
import { Storage } from "./storage.ts";
import { Task } from "./task.ts";
import { Watchdog } from "./watchdog.ts";

export default () =>
  reportUserErrors(async () => {
    const config = readConfig();
    const stack = await describeStack(config);
    const subnets = await findSubnets(config);

    const storage = new Storage(stack);
    const images = new Images(stack);
    const network = new Network(stack, subnets);
    const notifications = new Notifications(stack);
    const task = new Task(stack, { images, storage, notifications });
    const expression = scheduleOf(config);
    const schedule = expression ? new Schedule(stack, { expression, task, network, notifications }) : undefined;
    const watchdog = new Watchdog(stack, { storage, notifications, task, schedule });
    dashboard(stack);
    budgetAlarm(stack);

    return stackOutputs(stack, { storage, images, network, notifications, task, schedule, watchdog });
  });
