import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { it } from "mocha";
import { z } from "zod";
import { openTopic } from "../../runner/stores/aws/notifier.ts";
import type { Fault } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { rejection, runId } from "../support/samples.ts";
import { cloud } from "./cloud.ts";

const Envelope = z.object({ Subject: z.string(), Message: z.string() });

describeWithMoto("notifications through SNS", (moto) => {
  const aws = cloud(moto);

  /** A topic, and what its subscriber has got. */
  async function topic() {
    const { sns } = aws.clients();
    const sqs = new SQSClient({ region: "us-east-1", endpoint: moto.endpoint });
    const { TopicArn: arn = "" } = await sns.send(new CreateTopicCommand({ Name: aws.name("topic") }));
    const name = aws.name("queue");
    const { QueueUrl: queue } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const endpoint = `arn:aws:sqs:us-east-1:123456789012:${name}`;
    await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: "sqs", Endpoint: endpoint }));
    const received = async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }));
      return Messages.map(({ Body = "" }) => Envelope.parse(JSON.parse(Body)));
    };
    return { arn, received };
  }

  it("arrive with subject and body as they were sent", async () => {
    const { arn, received } = await topic();
    const body = "All well.\n  Ünïcode, 'quotes' and \"more\" $HOME\n";
    await openTopic(aws.clients(), arn).notify({ run: runId(1), subject: "[replot] 31 cities complete", body });
    expect(await received()).to.deep.equal([{ Subject: "[replot] 31 cities complete", Message: body }]);
  });

  it("arrive though the first attempts fail", async () => {
    const { arn, received } = await topic();
    const faults: Fault[] = ["reset", { status: 503 }, { status: 500 }];
    const { clients } = await aws.faulty(() => faults.shift());
    await openTopic(clients, arn).notify({ run: runId(1), subject: "s", body: "b" });
    expect(await received()).to.deep.equal([{ Subject: "s", Message: "b" }]);
  });

  it("are not sent with a subject that an e-mail can't have", async () => {
    const { arn, received } = await topic();
    const { notify } = openTopic(aws.clients(), arn);
    for (const subject of ["", "a\nb", "ü", "x".repeat(100)]) {
      expect((await rejection(notify({ run: runId(1), subject, body: "b" }))).message).to.contain("not the subject");
    }
    expect(await received()).to.deep.equal([]);
  });

  it("to a topic that isn't there are an error that names it", async () => {
    const arn = `arn:aws:sns:us-east-1:123456789012:${aws.name("nowhere")}`;
    const failed = await rejection(openTopic(aws.clients(), arn).notify({ run: runId(1), subject: "s", body: "b" }));
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3, action: "sns:Publish" });
    expect(failed.message).to.contain(`topic ${arn}`).and.contain("no such topic").and.contain("pulumi up");
  });
});
