/** Topic, queue, log groups, schedule, rules, and the function that they wake. */
import { CreateLogGroupCommand, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { CreateScheduleCommand, CreateScheduleGroupCommand } from "@aws-sdk/client-scheduler";
import { CreateTopicCommand, SetTopicAttributesCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { type Creator, creator, Tags, tagList } from "./creator.ts";

const text = z.string();

export const messages: Readonly<Record<string, Creator>> = {
  "aws:sns/topic:Topic": creator({ name: text, tags: Tags }, ({ name, tags }, { sns }) =>
    sns.send(new CreateTopicCommand({ Name: name, Tags: tagList(tags) })),
  ),
  "aws:sns/topicPolicy:TopicPolicy": creator({ arn: text, policy: text }, ({ arn, policy }, { sns }) =>
    sns.send(new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "Policy", AttributeValue: policy })),
  ),
  "aws:sns/topicSubscription:TopicSubscription": creator(
    { topic: text, protocol: z.literal("email"), endpoint: z.email() },
    ({ topic, protocol, endpoint }, { sns }) =>
      sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: protocol, Endpoint: endpoint })),
  ),
  "aws:sqs/queue:Queue": creator(
    {
      name: text,
      messageRetentionSeconds: z.number(),
      visibilityTimeoutSeconds: z.number(),
      sqsManagedSseEnabled: z.boolean(),
      tags: Tags,
    },
    async ({ name, tags, ...queue }, { sqs }, { id }) => {
      const Attributes = {
        MessageRetentionPeriod: String(queue.messageRetentionSeconds),
        VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
        SqsManagedSseEnabled: String(queue.sqsManagedSseEnabled),
      };
      const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes, tags }));
      return [id, url];
    },
  ),
  "aws:sqs/queuePolicy:QueuePolicy": creator({ queueUrl: text, policy: text }, ({ queueUrl, policy }, { sqs }) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { Policy: policy } })),
  ),
  "aws:cloudwatch/logGroup:LogGroup": creator(
    { name: text, retentionInDays: z.number(), tags: Tags },
    async ({ name, retentionInDays, tags }, { logs }) => {
      await logs.send(new CreateLogGroupCommand({ logGroupName: name, tags }));
      return logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays }));
    },
  ),
  "aws:scheduler/scheduleGroup:ScheduleGroup": creator({ name: text, tags: Tags }, ({ name, tags }, { scheduler }) =>
    scheduler.send(new CreateScheduleGroupCommand({ Name: name, Tags: tagList(tags) })),
  ),
  "aws:scheduler/schedule:Schedule": creator(
    {
      name: text,
      groupName: text,
      description: text,
      scheduleExpression: text,
      scheduleExpressionTimezone: text,
      flexibleTimeWindow: z.strictObject({ mode: z.literal("OFF") }),
      target: z.strictObject({
        arn: text,
        roleArn: text,
        input: text,
        ecsParameters: z.strictObject({
          taskDefinitionArn: text,
          taskCount: z.number(),
          capacityProviderStrategies: z.array(z.strictObject({ capacityProvider: text, weight: z.number() })),
          networkConfiguration: z.strictObject({
            subnets: z.array(text),
            securityGroups: z.array(text),
            assignPublicIp: z.boolean(),
          }),
          propagateTags: z.literal("TASK_DEFINITION"),
        }),
        retryPolicy: z.strictObject({ maximumEventAgeInSeconds: z.number(), maximumRetryAttempts: z.number() }),
        deadLetterConfig: z.strictObject({ arn: text }),
      }),
    },
    ({ target: { ecsParameters: ecs, ...target }, ...schedule }, { scheduler }) =>
      scheduler.send(
        new CreateScheduleCommand({
          Name: schedule.name,
          GroupName: schedule.groupName,
          Description: schedule.description,
          ScheduleExpression: schedule.scheduleExpression,
          ScheduleExpressionTimezone: schedule.scheduleExpressionTimezone,
          FlexibleTimeWindow: { Mode: schedule.flexibleTimeWindow.mode },
          Target: {
            Arn: target.arn,
            RoleArn: target.roleArn,
            Input: target.input,
            EcsParameters: {
              TaskDefinitionArn: ecs.taskDefinitionArn,
              TaskCount: ecs.taskCount,
              CapacityProviderStrategy: ecs.capacityProviderStrategies,
              NetworkConfiguration: {
                awsvpcConfiguration: {
                  Subnets: ecs.networkConfiguration.subnets,
                  SecurityGroups: ecs.networkConfiguration.securityGroups,
                  AssignPublicIp: ecs.networkConfiguration.assignPublicIp ? "ENABLED" : "DISABLED",
                },
              },
              PropagateTags: ecs.propagateTags,
            },
            RetryPolicy: {
              MaximumEventAgeInSeconds: target.retryPolicy.maximumEventAgeInSeconds,
              MaximumRetryAttempts: target.retryPolicy.maximumRetryAttempts,
            },
            DeadLetterConfig: { Arn: target.deadLetterConfig.arn },
          },
        }),
      ),
  ),
  "aws:cloudwatch/eventRule:EventRule": creator(
    {
      name: text,
      description: text,
      eventPattern: text.optional(),
      scheduleExpression: text.optional(),
      tags: Tags,
    },
    (rule, { events }) =>
      events.send(
        new PutRuleCommand({
          Name: rule.name,
          Description: rule.description,
          EventPattern: rule.eventPattern,
          ScheduleExpression: rule.scheduleExpression,
          Tags: tagList(rule.tags),
        }),
      ),
  ),
  "aws:cloudwatch/eventTarget:EventTarget": creator(
    { rule: text, targetId: text, arn: text },
    ({ rule, targetId, arn }, { events }) =>
      events.send(new PutTargetsCommand({ Rule: rule, Targets: [{ Id: targetId, Arn: arn }] })),
  ),
  "aws:lambda/function:Function": creator(
    {
      name: text,
      description: text,
      runtime: z.literal("nodejs24.x"),
      architectures: z.array(z.enum(["arm64", "x86_64"])),
      handler: text,
      code: z.unknown(),
      role: text,
      timeout: z.number(),
      memorySize: z.number(),
      environment: z.strictObject({ variables: z.record(text, text) }),
      loggingConfig: z.strictObject({ logFormat: z.enum(["Text", "JSON"]), logGroup: text }),
      tags: Tags,
    },
    (given, { lambda }) =>
      lambda.send(
        new CreateFunctionCommand({
          FunctionName: given.name,
          Description: given.description,
          Runtime: given.runtime,
          Architectures: given.architectures,
          Handler: given.handler,
          // nothing looks into it here; the bundle is tested by running it
          Code: { ZipFile: Buffer.from("PK") },
          Role: given.role,
          Timeout: given.timeout,
          MemorySize: given.memorySize,
          Environment: { Variables: given.environment.variables },
          LoggingConfig: { LogFormat: given.loggingConfig.logFormat, LogGroup: given.loggingConfig.logGroup },
          Tags: given.tags,
        }),
      ),
  ),
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": creator(
    {
      functionName: text,
      maximumRetryAttempts: z.number(),
      maximumEventAgeInSeconds: z.number(),
      destinationConfig: z.strictObject({ onFailure: z.strictObject({ destination: text }) }),
    },
    (given, { lambda }) =>
      lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: given.functionName,
          MaximumRetryAttempts: given.maximumRetryAttempts,
          MaximumEventAgeInSeconds: given.maximumEventAgeInSeconds,
          DestinationConfig: { OnFailure: { Destination: given.destinationConfig.onFailure.destination } },
        }),
      ),
  ),
  "aws:lambda/eventSourceMapping:EventSourceMapping": creator(
    {
      eventSourceArn: text,
      functionName: text,
      batchSize: z.number(),
      scalingConfig: z.strictObject({ maximumConcurrency: z.number() }),
      tags: Tags,
    },
    (given, { lambda }) =>
      lambda.send(
        new CreateEventSourceMappingCommand({
          EventSourceArn: given.eventSourceArn,
          FunctionName: given.functionName,
          BatchSize: given.batchSize,
          ScalingConfig: { MaximumConcurrency: given.scalingConfig.maximumConcurrency },
          Tags: given.tags,
        }),
      ),
  ),
  "aws:lambda/permission:Permission": creator(
    { statementId: text, action: text, function: text, principal: text, sourceArn: text, sourceAccount: text },
    (given, { lambda }) =>
      lambda.send(
        new AddPermissionCommand({
          StatementId: given.statementId,
          Action: given.action,
          FunctionName: given.function,
          Principal: given.principal,
          SourceArn: given.sourceArn,
          SourceAccount: given.sourceAccount,
        }),
      ),
  ),
};
