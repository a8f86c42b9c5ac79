/** Notifications through an SNS topic, whose subscribers get them as e-mail. */
import { PublishCommand } from "@aws-sdk/client-sns";
import { checkSubject } from "../../format/email-subject.ts";
import type { Notification } from "../ports.ts";
import type { Clients } from "./client.ts";
import { awsFailure } from "./failure.ts";

/** A notifier for any message, whether it is about a run or not. */
export interface Topic {
  notify(message: Partial<Notification> & Omit<Notification, "run">): Promise<void>;
}

/**
 * A notifier that publishes to a topic. SNS can't tell a repeated message from a second one: when its answer is lost
 * after it accepted, the e-mail comes twice rather than not at all.
 */
export function openTopic(clients: Pick<Clients, "sns">, topicArn: string): Topic {
  return {
    async notify({ subject, body }) {
      checkSubject(subject);
      const command = new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body });
      await clients.sns.send(command).catch((thrown: unknown) => {
        throw awsFailure({ action: "sns:Publish", on: `topic ${topicArn}` }, thrown);
      });
    },
  };
}
