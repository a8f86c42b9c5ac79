/** The pipeline in AWS, part by part. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parseConfig } from "./config.ts";
import { Images } from "./images.ts";
import { describeStack } from "./stack.ts";
import { Storage } from "./storage.ts";
import { Task } from "./task.ts";

/** Pulumi calls it, and shows what it returns as the stack's outputs. */
export default async function program() {
  const own = `${pulumi.getProject()}:`;
  const config = parseConfig(
    Object.fromEntries(
      Object.entries(pulumi.runtime.allConfig())
        .filter(([key]) => key.startsWith(own))
        .map(([key, value]) => [key.slice(own.length), value]),
    ),
  );
  const stack = await describeStack(config);
  const storage = new Storage(stack);
  const topic = new aws.sns.Topic("reports", { name: stack.names.topic, tags: stack.tags });
  const images = new Images(stack);
  const task = new Task(stack, { images, storage, topic });
  return { taskDefinition: task.definition.arn };
}
