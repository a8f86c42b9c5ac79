/** The clients of the AWS services, with the settings they share. */
import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { z } from "zod";
import { UnavailableError } from "../../errors.ts";
import type { Usage } from "../ports.ts";
import { defaultAttempts, defaultPause, pause, type RetryOptions, retryStrategy } from "./retry.ts";

export interface ClientOptions extends Omit<RetryOptions, "repeated"> {
  /** Default: `AWS_REGION`, which a task in AWS has. */
  readonly region?: string;
  /** Where a server other than AWS stands in for it, as `http://127.0.0.1:5000`. Default: `AWS_ENDPOINT_URL`. */
  readonly endpoint?: string;
  /** Milliseconds without a byte after which a call is given up and repeated. Default 30 s for S3, 5 s for others. */
  readonly silence?: number;
  /** Connections kept to each service, and calls under way at once. Default {@link defaultConnections}. */
  readonly connections?: number;
}

/** The variable for {@link ClientOptions.firstPause}, where that is not given. Tests of whole tasks shorten it. */
export const retryPauseVariable = "REPLOT_RETRY_PAUSE_MILLISECONDS";

const RetryPause = z.coerce.number().positive();

/** As the SDK's clients take them. */
export type ServiceSettings = ReturnType<typeof serviceSettings>;

export interface Clients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly sns: SNSClient;
  readonly region: string;
  /** What clients of other services are made with: `new ECSClient(clients.settings)`. */
  readonly settings: ServiceSettings;
  readonly connections: number;
  /** How often a call was repeated so far. */
  repetitions(): number;
  usage(): Usage;
  /** For calls that are made past the clients. */
  count(what: Exclude<keyof Usage, "repeated">, calls?: number): void;
  /**
   * Waits before a repetition that the SDK doesn't make by itself, and counts it.
   * @param repetition the first is 0
   */
  again(repetition: number): Promise<void>;
  close(): void;
}

/** A PUT takes S3 30 to 60 ms, however small: 48 at once make some 1,000 objects a second. */
const defaultConnections = 48;

/** Milliseconds. A connection that is not there after three seconds is better tried again. */
const connectionTimeout = 3_000;
/** Milliseconds without a byte, and for one attempt: a simulation of 30 MB over a slow line takes its time. */
const transfers = { silence: 30_000, whole: 300_000 };
/** These answer in milliseconds, and an attempt that hangs must not cost the lease of 60 s. */
const messages = { silence: 5_000, whole: 10_000 };

/**
 * Makes the clients; no call is made yet. Credentials are found as every AWS tool finds them.
 * @throws {UnavailableError} where no region is set, or {@link retryPauseVariable} is no number of milliseconds
 */
export function openClients(options: ClientOptions = {}, environment: NodeJS.ProcessEnv = process.env): Clients {
  const region = options.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"];
  if (region === undefined || region === "") {
    throw new UnavailableError("no AWS region is set; set AWS_REGION to the one the stack was deployed to");
  }
  const endpoint = options.endpoint ?? environment["AWS_ENDPOINT_URL"];
  const connections = options.connections ?? defaultConnections;
  const firstPause = options.firstPause ?? retryPause(environment);
  let repetitions = 0;
  const repeated = () => {
    repetitions += 1;
  };
  const settings = (limits: typeof transfers) =>
    serviceSettings({ ...options, region, endpoint, connections, firstPause, repeated }, limits);
  const forS3 = settings(transfers);
  // a server that stands in for AWS has no host name for each bucket
  const s3 = new S3Client({ ...forS3, forcePathStyle: "endpoint" in forS3 });
  const dynamodb = new DynamoDBClient(settings(messages));
  const sns = new SNSClient(settings(messages));
  const made = { objectsWritten: 0, objectsRead: 0, itemsWritten: 0 };
  const count: Clients["count"] = (what, calls = 1) => {
    made[what] += calls;
  };
  countCalls(s3, dynamodb, count);
  return {
    s3,
    dynamodb,
    sns,
    region,
    settings: settings(messages),
    connections,
    repetitions: () => repetitions,
    usage: () => ({ ...made, repeated: repetitions }),
    count,
    again(repetition) {
      repeated();
      return delay(pause(repetition, firstPause));
    },
    close() {
      for (const client of [s3, dynamodb, sns]) client.destroy();
    },
  };
}

function retryPause(environment: NodeJS.ProcessEnv): number {
  const text = environment[retryPauseVariable];
  if (text === undefined) return defaultPause;
  const { data } = RetryPause.safeParse(text);
  if (data === undefined)
    throw new UnavailableError(`${retryPauseVariable} is "${text}": set a number of milliseconds, or unset it`);
  return data;
}

function serviceSettings(
  options: Omit<ClientOptions, "endpoint"> &
    RetryOptions & {
      readonly region: string;
      readonly endpoint: string | undefined;
      readonly connections: number;
    },
  { silence, whole }: typeof transfers,
) {
  const { region, endpoint, connections } = options;
  const agent = { keepAlive: true, maxSockets: connections };
  return {
    region,
    ...(endpoint === undefined || endpoint === "" ? {} : { endpoint }),
    // the strategy decides; this only tells the service in a header
    maxAttempts: options.attempts ?? defaultAttempts,
    retryStrategy: retryStrategy(options),
    requestHandler: {
      connectionTimeout,
      socketTimeout: options.silence ?? silence,
      requestTimeout: whole,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}

/** Counts what AWS takes money for, each call once however often it is repeated: a failed one costs nothing. */
function countCalls(s3: S3Client, dynamodb: DynamoDBClient, count: Clients["count"]): void {
  s3.middlewareStack.add(
    (next, { commandName }) =>
      (call) => {
        // a listing costs as much as a write; writes count themselves, since they need not come through here
        if (commandName === "ListObjectsV2Command") count("objectsWritten");
        else if (commandName !== "PutObjectCommand") count("objectsRead");
        return next(call);
      },
    { step: "initialize" },
  );
  dynamodb.middlewareStack.add(
    (next, { commandName = "" }) =>
      (call) => {
        const { input } = call;
        if ("RequestItems" in input) count("itemsWritten", Object.values(input.RequestItems ?? {}).flat().length);
        else if (/^(Put|Update|Delete)Item/.test(commandName)) count("itemsWritten");
        return next(call);
      },
    { step: "initialize" },
  );
}
