/** May the account run a task of this size at all? */
import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { messageOf } from "../errors.ts";
import { plural } from "../format/format.ts";
import type { Stack } from "../stack/open.ts";
import { awsFailure } from "../stores/aws/failure.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";

/** "Fargate On-Demand vCPU resource count" and "Fargate Spot vCPU resource count". */
const codes = { FARGATE: "L-3032A538", FARGATE_SPOT: "L-36FBB829" } as const;

const elsewhere = "look at Service Quotas, AWS Fargate, in the AWS console";

export async function checkQuota({ deployment, clients }: Stack): Promise<Finding> {
  const what = "Quota";
  const { capacity, taskCpu } = deployment;
  const code = codes[capacity];
  const quotas = new ServiceQuotasClient(clients.settings);
  try {
    const { Quota: quota } = await quotas
      .send(new GetServiceQuotaCommand({ ServiceCode: "fargate", QuotaCode: code }))
      .catch((thrown: unknown) => {
        throw awsFailure({ action: "servicequotas:GetServiceQuota", on: `Fargate, ${code}` }, thrown);
      });
    const need = plural(taskCpu / 1024, "core");
    if (quota?.Value === undefined) return warn(what, `${capacity}: not told`, elsewhere);
    const have = `the account may use ${quota.Value} of ${capacity} at once`;
    if (quota.Value >= taskCpu / 1024) return ok(what, `the task needs ${need}; ${have}`);
    return wrong(
      what,
      `the task needs ${need}, and ${have}`,
      `ask for more: aws service-quotas request-service-quota-increase --service-code fargate --quota-code ${code} --desired-value ${taskCpu / 1024}; or make the task smaller`,
    );
  } catch (error) {
    // a run may go well all the same
    return warn(what, messageOf(error), elsewhere);
  } finally {
    quotas.destroy();
  }
}
