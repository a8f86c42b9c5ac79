/** Who gets the stack's e-mails. */
import { paginateListSubscriptionsByTopic } from "@aws-sdk/client-sns";
import { awsFailure } from "../stores/aws/failure.ts";
import type { Stack } from "./open.ts";

export interface Subscriber {
  /** An e-mail address, or whatever else the topic sends to. */
  readonly endpoint: string;
  /** `email`, `sqs`. */
  readonly protocol: string;
  /** Until somebody has followed the link in the topic's first e-mail, nothing comes. */
  readonly confirmed: boolean;
}

export async function subscribers({ clients: { sns }, deployment }: Stack): Promise<Subscriber[]> {
  const found: Subscriber[] = [];
  try {
    for await (const page of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: deployment.topicArn })) {
      for (const {
        Endpoint: endpoint = "",
        Protocol: protocol = "",
        SubscriptionArn: arn = "",
      } of page.Subscriptions ?? []) {
        // what is pending or was deleted has a word in the place of its ARN
        if (arn !== "Deleted") found.push({ endpoint, protocol, confirmed: arn.startsWith("arn:") });
      }
    }
  } catch (thrown) {
    throw awsFailure({ action: "sns:ListSubscriptionsByTopic", on: `topic ${deployment.topicArn}` }, thrown);
  }
  return found;
}
