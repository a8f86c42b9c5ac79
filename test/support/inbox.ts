/** A topic and what its subscriber gets: SNS messages read back through a queue. */
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import type { Email } from "../../runner/report/email.ts";
import { account, region } from "./declared/place.ts";

const Envelope = z.object({ Subject: z.string(), Message: z.string() });

export interface Inbox {
  readonly topicArn: string;
  /** Everything that arrived so far. */
  received(): Promise<Email[]>;
}

/** @param topicArn of a topic that is there; a new one of this name otherwise */
export async function openInbox(
  endpoint: string,
  { name, topicArn }: { readonly name: string; readonly topicArn?: string },
): Promise<Inbox> {
  const settings = { region, endpoint };
  const sns = new SNSClient(settings);
  const sqs = new SQSClient(settings);
  const { TopicArn: made = "" } = topicArn === undefined ? await sns.send(new CreateTopicCommand({ Name: name })) : {};
  const topic = topicArn ?? made;
  const queue = `${name}-inbox`;
  const { QueueUrl: url } = await sqs.send(new CreateQueueCommand({ QueueName: queue }));
  const subscriber = `arn:aws:sqs:${region}:${account}:${queue}`;
  await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: "sqs", Endpoint: subscriber }));
  const all: Email[] = [];
  return {
    topicArn: topic,
    async received() {
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return all;
        for (const { Body = "", ReceiptHandle } of Messages) {
          const { Subject: subject, Message: body } = Envelope.parse(JSON.parse(Body));
          all.push({ subject, body });
          await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        }
      }
    },
  };
}
