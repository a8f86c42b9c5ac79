/**
 * What can be set for a stack: `pulumi config set KEY VALUE`, or `Pulumi.<stack>.yaml`. Every mistake is reported, all
 * of them at once. The defaults run the sample model, at little cost, in a stack that is removed without a trace.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { credentialVariables } from "../runner/deployment/credential-variables.ts";
import { UsageError } from "../runner/errors.ts";
import { Capacity, Command, root } from "../runner/settings.ts";
import { suggestion } from "../runner/text/nearest.ts";
import { ephemeralStorageRange, sizeProblem } from "./fargate.ts";
import { longestPrefix } from "./names.ts";
import { expressionProblem, isTimeZone } from "./schedule-expression.ts";

const Flag = z.enum(["true", "false"], "expected true or false").transform((text) => text === "true");

const whole = (least: number, most: number) => {
  const words = `expected a whole number from ${least} to ${most}`;
  return z.coerce.number(words).int(words).min(least, words).max(most, words);
};

/** Structured values, as `--path` sets them and a stack's file has them. */
const Json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: `expected a list or a map, found "${text}"` });
    return z.NEVER;
  }
});

/** A list, or its words with commas between them. */
const Words = z.union([
  z
    .string()
    .regex(/^\s*\[/)
    .pipe(Json)
    .pipe(z.array(z.string())),
  z.string().transform((text) => text.split(/[\s,]+/).filter((word) => word !== "")),
]);

const Texts = Json.pipe(z.record(z.string(), z.string(), "expected a map of texts"));

/** A stack names images by digest, so that what runs is what was looked at. */
const Image = z
  .string()
  .regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/, "expected an image by its digest, such as registry/image@sha256:4f2c...");

const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The way to switch the schedule off. */
const off = "off";

const keys = {
  /**
   * Whose e-mail addresses are told what happened. AWS sends each of them a message to confirm first.
   * Default none. Example: `ops@example.org, analyst@example.org`.
   */
  emails: Words.pipe(
    z
      .array(z.email({ error: ({ input }) => `"${input}" is no e-mail address` }))
      .max(10, "AWS sends to 10 addresses at most"),
  ).default([]),
  /** Whether runs without any finding are told by e-mail as well. Default `true`. */
  successEmails: Flag.default(true),
  /** What a run draws, by its name in the catalog. Default `full`. Example: `test`. */
  preset: z
    .string()
    .regex(/^[A-Za-z0-9._]+$/, "expected the name of a preset of the catalog")
    .default("full"),
  /**
   * The catalog, a file of this checkout below `catalog/`; it is part of the runner's image.
   * Default `catalog/ryan-white.yaml`. Example: `catalog/my-model.yaml`.
   */
  catalog: z.string().default("catalog/ryan-white.yaml"),
  /**
   * When runs start: an expression of EventBridge Scheduler, or `off`. Default `cron(0 4 ? * SUN *)`.
   * Example: `rate(7 days)`.
   */
  schedule: z.string().default("cron(0 4 ? * SUN *)"),
  /** Whose clock the schedule goes by. Default `America/New_York`. Example: `Europe/Berlin`. */
  timeZone: z.string().default("America/New_York"),
  /** Days without a successful run after which the watchdog says so. Default 8: a week and a day. */
  silenceDays: whole(1, 400).default(8),
  /** The task's processors in Fargate's units: 1024 are a core. Default 2048. Example: 8192. */
  cpu: whole(256, 16384).default(2048),
  /** The task's memory in MiB: the runner has 1024 of it, R the rest. Default 8192. Example: 32768. */
  memory: whole(512, 122880).default(8192),
  /** The task's disk in GiB: the two images, and the inputs and plots of some cities at a time. Default 30. */
  ephemeralStorage: whole(ephemeralStorageRange.least, ephemeralStorageRange.most).default(30),
  /** Processes of R at once. Default: one a core. Example: 4, where each needs a quarter of the memory. */
  workers: whole(1, 64).optional(),
  /** Starts of R for one city, at most. Default 3. */
  attempts: whole(1, 10).default(3),
  /** Seconds that one start of R may take for one city. Default 3600. */
  cityDeadline: whole(60, 86400).default(3600),
  /** Hours after which a run is ended, whatever it does. Default 6. */
  longestLife: whole(1, 160).default(6),
  /** What the task runs on: `FARGATE`, or `FARGATE_SPOT` at a third of the price. Default `FARGATE`. */
  capacity: Capacity.default("FARGATE"),
  /** A ready-made image of R, by digest, instead of the sample model's. Example: `registry/image@sha256:4f2c...`. */
  rImage: Image.optional(),
  /** A ready-made image of the runner, by digest, instead of building it. */
  runnerImage: Image.optional(),
  /** How R's image is called. Default `batch`. Example: `./container_entrypoint.sh batch`. */
  rCommand: Command.pipe(z.array(z.string()).min(1, "expected a command")).default(["batch"]),
  /** R's image takes `--events FILE`. Default `true` for the sample model, `false` for an image of your own. */
  rEvents: Flag.optional(),
  /** Where R's image looks for `simulations/`. Default `/srv/ryanwhite`. Example: `/app`. */
  rDirectory: z
    .string()
    .regex(/^\/[^\s:]*[^\s:/]$/, "expected an absolute path")
    .default("/srv/ryanwhite"),
  /** R's container can't write outside the work directory. Default `true` for the sample model, else `false`. */
  rReadOnlyRoot: Flag.optional(),
  /** The user that R's container runs as. Default: the image's own. Example: `10001:10001`. */
  rUser: z
    .string()
    .regex(/^\d+(:\d+)?$/, "expected a user's number, or user:group")
    .optional(),
  /**
   * Secrets for R's container: variables, each with the name or ARN of a parameter in Parameter Store. Only the name is
   * kept here. Default none. Example: `{"TOKEN": "/replot/token"}`.
   */
  rSecrets: Texts.pipe(
    z.record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of a variable"),
      z
        .string()
        .regex(/^(arn:[^\s:]+:ssm:[^\s:]+:\d{12}:parameter)?\/?[\w./-]+$/, "expected a parameter's name or ARN"),
    ),
  ).default({}),
  /**
   * Build arguments of the two images, where Docker Hub or a package archive is out of reach (docs/images.md).
   * Default none. Example: `{"BASE": "registry/debian:trixie-slim"}`.
   */
  buildArgs: Texts.default({}),
  /**
   * Files that building the images needs and the images don't get, behind a company's proxy for instance: `ca-bundle`,
   * `npmrc`, `apt-sources` (docs/images.md). Default none. Example: `{"ca-bundle": "company.pem"}`.
   */
  buildSecrets: Texts.default({}),
  /**
   * `default`: the default VPC, or the VPC of `subnets`. `create`: a VPC of the stack's own, for accounts without a default
   * one; its private subnets and their NAT gateway exist where `assignPublicIp` is `false`. Default `default`.
   */
  network: z.enum(["default", "create"], 'expected "default" or "create"').default("default"),
  /** Subnets for the task, all in one VPC. Default: two zones of the default VPC. Example: `subnet-0a1b, subnet-2c3d`. */
  subnets: Words.pipe(
    z
      .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, { error: ({ input }) => `"${input}" is no subnet's id` }))
      .min(1),
  ).optional(),
  /** The task has a public address. Default `true`; `false` in subnets with a way out of their own (NAT). */
  assignPublicIp: Flag.default(true),
  /** Makes gateway endpoints for S3 and DynamoDB in the VPC, which can have them only once. Default `false`. */
  gatewayEndpoints: Flag.default(false),
  /** Days that logs are kept. Default 90. */
  logRetentionDays: z.coerce
    .number()
    .refine((days) => retentions.includes(days), `CloudWatch keeps logs for ${retentions.join(", ")} days`)
    .default(90),
  /** US dollars a month of the whole account after which the e-mail addresses are told; 0: never. Default 20. */
  monthlyBudget: z.coerce.number("expected US dollars").min(0, "expected US dollars").default(20),
  /** Buckets, tables and images are kept from being removed, by `pulumi destroy` as well. Default `false`. */
  protectData: Flag.default(false),
  /** Tags for everything, besides those for project, stack and version. Default none. Example: `{"owner": "hiv"}`. */
  tags: Texts.default({}),
} as const;

const Values = z.object(keys);
export type Config = z.infer<typeof Values>;

/** Names of all keys. */
export const configKeys: readonly string[] = Object.keys(keys);

type Given = Readonly<Record<string, string>>;

/** What several keys have to agree on, or what only the machine knows; asked where each of them is right by itself. */
const agreements: readonly ((values: Given) => string | undefined)[] = [
  agreement(Values.pick({ cpu: true, memory: true }), ({ cpu, memory }) => sizeProblem(cpu, memory)),
  agreement(Values.pick({ schedule: true }), ({ schedule }) =>
    schedule === off ? undefined : prefixed("schedule", expressionProblem(schedule)),
  ),
  agreement(Values.pick({ timeZone: true }), ({ timeZone }) =>
    isTimeZone(timeZone)
      ? undefined
      : `timeZone: "${timeZone}" is no time zone${suggestion(timeZone, Intl.supportedValuesOf("timeZone"))}`,
  ),
  agreement(
    Values.pick({ network: true, subnets: true, assignPublicIp: true }),
    ({ network, subnets, assignPublicIp }) =>
      assignPublicIp || subnets !== undefined || network === "create"
        ? undefined
        : "assignPublicIp: the default VPC reaches the internet through public addresses only; set network to create, or give " +
          "subnets behind a NAT gateway",
  ),
  agreement(Values.pick({ network: true, subnets: true }), ({ network, subnets }) =>
    network === "create" && subnets !== undefined
      ? "subnets: a stack with network: create has subnets of its own; remove one of the two settings"
      : undefined,
  ),
  agreement(Values.pick({ rSecrets: true }), ({ rSecrets }) => {
    const taken = Object.keys(rSecrets).find((name) => credentialVariables.includes(name));
    return taken === undefined ? undefined : `rSecrets: R's container starts without ${taken}; choose another variable`;
  }),
  agreement(Values.pick({ catalog: true }), ({ catalog }) =>
    /^catalog\/[^/]+\.yaml$/.test(catalog) && existsSync(resolve(root, catalog))
      ? undefined
      : `catalog: there is no ${catalog} in this checkout; put the file below catalog/, which the image has`,
  ),
  agreement(Values.pick({ buildSecrets: true }), ({ buildSecrets }) => {
    const missing = Object.values(buildSecrets).filter((file) => !existsSync(resolve(root, file)));
    return missing.length === 0 ? undefined : `buildSecrets: there is no file ${missing.join(", no file ")}`;
  }),
];

function agreement<T>(schema: z.ZodType<T>, problem: (values: T) => string | undefined) {
  return (values: Given): string | undefined => {
    const parsed = schema.safeParse(values);
    return parsed.success ? problem(parsed.data) : undefined;
  };
}

function prefixed(key: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${key}: ${problem}`;
}

/** The schedule's expression; undefined where it is switched off. */
export function scheduleOf({ schedule }: Pick<Config, "schedule">): string | undefined {
  return schedule === off ? undefined : schedule;
}

/**
 * @param values as Pulumi keeps them: text, structured ones as JSON
 * @throws UsageError naming everything that is wrong
 */
export function parseConfig(project: string, stack: string, values: Given): Config {
  const parsed = Values.safeParse(values);
  const problems = [
    ...nameProblems(project, stack),
    ...Object.keys(values)
      .filter((key) => !configKeys.includes(key))
      .map((key) => `${key}: there is no such key${suggestion(key, configKeys)}`),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`),
    ...agreements.flatMap((problem) => problem(values) ?? []),
  ];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new UsageError(
    `the configuration of stack ${stack} is wrong:\n  ${problems.join("\n  ")}\n` +
      "set a key with `pulumi config set KEY VALUE`; docs/infrastructure.md has them all",
  );
}

/** The configuration of the stack that Pulumi runs. */
export function readConfig(): Config {
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  const own = `${project}:`;
  const values = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(own));
  return parseConfig(project, stack, Object.fromEntries(values.map(([key, value]) => [key.slice(own.length), value])));
}

function nameProblems(project: string, stack: string): string[] {
  const name = `${project}-${stack}`;
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= longestPrefix) return [];
  return [
    `stack: "${stack}" can't begin names in AWS; take lower case letters, digits and hyphens, ` +
      `at most ${longestPrefix - project.length - 1}`,
  ];
}
