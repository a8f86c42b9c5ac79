/** What AWS asks IAM about a call: actions, resources and condition keys, by the services' authorization references. */
import { z } from "zod";
import { account } from "../declared/place.ts";
import type { Call } from "../faulty-proxy.ts";
import type { Request } from "./policy.ts";

export interface Signed {
  readonly accessKey: string;
  readonly region: string;
  /** As in the signature's scope: `s3`, `dynamodb`, `logs`. */
  readonly service: string;
}

const scope = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Who signed a call, for which service. @throws for one that nobody signed */
export function signedBy({ headers, method, url }: Call): Signed {
  const [, accessKey, region, service] = scope.exec(String(headers["authorization"] ?? "")) ?? [];
  if (accessKey === undefined || region === undefined || service === undefined) {
    throw new Error(`nobody signed ${method} ${url}`);
  }
  return { accessKey, region, service };
}

/** @throws for a call that isn't known here: better than one that is let through */
export function requestsOf(call: Call, { service, region }: Signed): Request[] {
  const arn = (resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;
  switch (service) {
    case "s3":
      return ofS3(call);
    case "dynamodb":
      return ofDynamoDB(call, arn);
    case "sns":
      return ofSns(call);
    case "ecs":
      return ofEcs(call, arn);
    case "logs":
      return ofLogs(call, arn);
    case "sqs":
      return ofSqs(call, arn);
    default:
      throw unknown(call, service);
  }
}

function unknown({ method, url, target }: Call, service: string): Error {
  return new Error(`the policies' proxy doesn't know this call to ${service}: ${method} ${url} ${target}`);
}

function ofS3(call: Call): Request[] {
  const { pathname, searchParams: query } = new URL(call.url, "http://s3");
  const [bucket = "", ...rest] = decodeURIComponent(pathname).slice(1).split("/");
  const key = rest.join("/");
  const ofBucket = (action: string, context: Request["context"] = {}): Request[] => [
    { action, resource: `arn:aws:s3:::${bucket}`, context },
  ];
  const ofKey = (action: string, name = key): Request => ({
    action,
    resource: `arn:aws:s3:::${bucket}/${name}`,
    context: {},
  });
  const known = (...names: string[]) => [...query.keys()].every((name) => name === "x-id" || names.includes(name));
  const copies = call.headers["x-amz-copy-source"] !== undefined;

  if (key === "") {
    if (call.method === "HEAD" && known()) return ofBucket("s3:ListBucket");
    if (call.method === "GET" && query.get("list-type") === "2") {
      const named = { prefix: "s3:prefix", delimiter: "s3:delimiter", "max-keys": "s3:max-keys" };
      const context = Object.entries(named).flatMap(([name, of]) => {
        const value = query.get(name);
        return value === null ? [] : [[of, [value]] as const];
      });
      return ofBucket("s3:ListBucket", Object.fromEntries(context));
    }
    if (call.method === "POST" && query.has("delete")) {
      const keys = [...call.body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, name]) => name ?? "");
      if (keys.length === 0 || call.body.includes("<VersionId>")) throw unknown(call, "s3");
      return keys.map((name) => ofKey("s3:DeleteObject", name));
    }
  } else if (known("versionId")) {
    const version = query.has("versionId") ? "Version" : "";
    if (call.method === "GET" || call.method === "HEAD") return [ofKey(`s3:GetObject${version}`)];
    if (call.method === "PUT" && version === "" && !copies) return [ofKey("s3:PutObject")];
    if (call.method === "DELETE") return [ofKey(`s3:DeleteObject${version}`)];
  } else if (known("uploads", "uploadId", "partNumber") && !copies) {
    if (call.method === "DELETE") return [ofKey("s3:AbortMultipartUpload")];
    if (call.method === "POST" || call.method === "PUT") return [ofKey("s3:PutObject")];
  }
  throw unknown(call, "s3");
}

const Attribute = z.looseObject({ S: z.string().optional() });
const Item = z.record(z.string(), Attribute);
const Names = z.record(z.string(), z.string()).default({});

const OneItem = z.looseObject({ TableName: z.string(), Key: Item.optional(), Item: Item.optional() });
const QueryOrScan = z.looseObject({
  TableName: z.string(),
  IndexName: z.undefined().optional(),
  KeyConditionExpression: z.string().optional(),
  ExpressionAttributeNames: Names,
  ExpressionAttributeValues: Item.default({}),
});
const Batch = z.looseObject({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.strictObject({
        PutRequest: z.strictObject({ Item }).optional(),
        DeleteRequest: z.strictObject({ Key: Item }).optional(),
      }),
    ),
  ),
});

/** Partition keys of the tables there are. */
const partitions = ["pk", "city_scenario"];

function ofDynamoDB(call: Call, arn: (resource: string) => string): Request[] {
  const operation = call.target.replace(/^DynamoDB_20120810\./, "");
  const body: unknown = JSON.parse(call.body);
  const leading = (items: readonly z.infer<typeof Item>[]) => {
    const values = items.map((item) => partitions.map((name) => item[name]?.S).find((value) => value !== undefined));
    if (values.includes(undefined)) throw new Error(`an item without a partition key: ${call.body}`);
    return { "dynamodb:LeadingKeys": [...new Set(values.filter((value) => value !== undefined))] };
  };
  const request = (table: string, context: Request["context"]): Request => ({
    action: `dynamodb:${operation}`,
    resource: arn(`table/${table}`),
    context,
  });
  switch (operation) {
    case "GetItem":
    case "PutItem":
    case "UpdateItem":
    case "DeleteItem": {
      const { TableName, Key, Item: item } = OneItem.parse(body);
      return [request(TableName, leading([Key ?? item ?? {}]))];
    }
    case "BatchWriteItem":
      return Object.entries(Batch.parse(body).RequestItems).map(([table, items]) =>
        request(
          table,
          leading(items.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {})),
        ),
      );
    case "Query": {
      const asked = QueryOrScan.parse(body);
      const [, name = "", value = ""] = /^(#?\w+) = (:\w+)$/.exec(asked.KeyConditionExpression ?? "") ?? [];
      const partition = asked.ExpressionAttributeNames[name] ?? name;
      return [request(asked.TableName, leading([{ [partition]: asked.ExpressionAttributeValues[value] ?? {} }]))];
    }
    case "Scan":
      return [request(QueryOrScan.parse(body).TableName, {})];
    default:
      throw unknown(call, "dynamodb");
  }
}

function ofSns(call: Call): Request[] {
  const form = new URLSearchParams(call.body);
  const topic = form.get("TopicArn");
  if (form.get("Action") !== "Publish" || topic === null) throw unknown(call, "sns");
  return [{ action: "sns:Publish", resource: topic, context: {} }];
}

const EcsCall = z.looseObject({ cluster: z.string().startsWith("arn:"), tasks: z.array(z.string()).default([]) });

function ofEcs(call: Call, arn: (resource: string) => string): Request[] {
  const operation = call.target.replace(/^AmazonEC2ContainerServiceV20141113\./, "");
  const { cluster, tasks } = EcsCall.parse(JSON.parse(call.body));
  const context = { "ecs:cluster": [cluster] };
  const name = cluster.slice(cluster.lastIndexOf("/") + 1);
  switch (operation) {
    case "ListTasks":
      // the reference has container instances for it, and Fargate has none
      return [{ action: "ecs:ListTasks", resource: "*", context }];
    case "DescribeTasks":
      return tasks.map((task) => ({
        action: "ecs:DescribeTasks",
        resource: task.startsWith("arn:") ? task : arn(`task/${name}/${task}`),
        context,
      }));
    default:
      throw unknown(call, "ecs");
  }
}

const LogsCall = z.looseObject({ logGroupName: z.string(), logStreamName: z.string() });
const logsActions = ["GetLogEvents", "CreateLogStream", "PutLogEvents"];

function ofLogs(call: Call, arn: (resource: string) => string): Request[] {
  const operation = call.target.replace(/^Logs_20140328\./, "");
  if (!logsActions.includes(operation)) throw unknown(call, "logs");
  const { logGroupName: group, logStreamName: stream } = LogsCall.parse(JSON.parse(call.body));
  return [{ action: `logs:${operation}`, resource: arn(`log-group:${group}:log-stream:${stream}`), context: {} }];
}

const SqsCall = z.looseObject({ QueueUrl: z.string() });
const sqsActions = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

function ofSqs(call: Call, arn: (resource: string) => string): Request[] {
  const operation = call.target.replace(/^AmazonSQS\./, "");
  if (!sqsActions.includes(operation)) throw unknown(call, "sqs");
  const { QueueUrl: url } = SqsCall.parse(JSON.parse(call.body));
  return [{ action: `sqs:${operation}`, resource: arn(url.slice(url.lastIndexOf("/") + 1)), context: {} }];
}
