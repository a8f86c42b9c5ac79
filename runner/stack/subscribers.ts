/** The subscribers of the stack's topic. */
import { paginateListSubscriptionsByTopic } from "@aws-sdk/client-sns";
import { awsFailure } from "../stores/aws/failure.ts";
import type { Stack } from "./open.ts";

export interface Subscriber {
  /** An e-mail address, or the endpoint of another protocol. */
  readonly endpoint: string;
  /** `email`, `sqs`. */
  readonly protocol: string;
  /** False until the link in the topic's first e-mail was followed; until then the subscriber gets nothing. */
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
        // pending and deleted subscriptions have a word instead of an ARN
        if (arn !== "Deleted") found.push({ endpoint, protocol, confirmed: arn.startsWith("arn:") });
      }
    }
  } catch (thrown) {
    throw awsFailure({ action: "sns:ListSubscriptionsByTopic", on: `topic ${deployment.topicArn}` }, thrown);
  }
  return found;
}
