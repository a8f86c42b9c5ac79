/**
 * The table of what can be set for a stack: type, default, unit and description of each key. The table in
 * docs/infrastructure.md comes from it (`make docs`). The defaults run the sample model, at little cost, in a stack that
 * is removed without a trace.
 */
import { z } from "zod";
import { Capacity } from "../runner/domain.ts";
import { Command, type Setting } from "../runner/settings/setting.ts";
import { settingsTable } from "../runner/settings/table.ts";
import { watchdogSettings } from "../runner/watchdog/settings.ts";
import { ephemeralStorageRange } from "./fargate.ts";

export interface ConfigKey extends Setting {
  /** The key's name in earlier versions, which is still read. */
  readonly earlierKey?: string;
}

const Flag = z.enum(["true", "false"], "expected true or false").transform((text) => text === "true");

const whole = (least: number, most: number) => {
  const expected = `expected a whole number from ${least} to ${most}`;
  return z.coerce.number(expected).int(expected).min(least, expected).max(most, expected);
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

export const configTable = {
  emails: {
    type: Words.pipe(
      z
        .array(z.email({ error: ({ input }) => `"${input}" is no e-mail address` }))
        .max(10, "AWS sends to 10 addresses at most"),
    ).default([]),
    description: "who gets the e-mails; AWS asks each address to confirm first",
    example: "ops@example.org, analyst@example.org",
  },
  successEmails: {
    ...settingsTable.successEmails,
    type: Flag.default(true),
  },
  preset: {
    type: z
      .string()
      .regex(/^[A-Za-z0-9._]+$/, "expected the name of a preset of the catalog")
      .default("full"),
    description: "what a run draws: a preset of the catalog",
    example: "test",
  },
  catalog: {
    type: z.string().default("catalog/ryan-white.yaml"),
    description: "the catalog, a file of this checkout below `catalog/`; part of the runner's image",
    example: "catalog/my-model.yaml",
  },
  schedule: {
    type: z.string().default("cron(0 4 ? * SUN *)"),
    description:
      "when runs start: an expression of EventBridge Scheduler, `cron(...)`, `rate(...)`, `at(...)`, or `off`. Avoid 01:00 to 03:00 where clocks change: once a year that hour does not exist, and the run is skipped",
    example: "rate(7 days)",
  },
  timeZone: {
    type: z.string().default("America/New_York"),
    description: "time zone of the schedule",
    example: "Europe/Berlin",
  },
  maxDaysWithoutSuccess: {
    ...watchdogSettings.maxDaysWithoutSuccess,
    earlierKey: "silenceDays",
    type: whole(1, 400).default(8),
  },
  cpu: {
    type: whole(256, 16384).default(2048),
    description: "the task's processors in Fargate's units: 1024 are a core",
    example: "8192",
  },
  memory: {
    type: whole(512, 122880).default(8192),
    unit: "MiB",
    description:
      "the task's memory; exactly what Fargate offers for that `cpu`, at least 2048. The runner has 1024 of it, R the rest",
    example: "32768",
  },
  ephemeralStorage: {
    type: whole(ephemeralStorageRange.least, ephemeralStorageRange.most).default(30),
    unit: "GiB",
    description: "the task's disk, 21 to 200: both images, and the inputs and plots of some cities",
  },
  workers: {
    ...settingsTable.workers,
    type: whole(1, 64).optional(),
    example: "4",
  },
  attempts: {
    ...settingsTable.attempts,
    type: whole(1, 10).default(3),
  },
  cityTimeoutSeconds: {
    ...settingsTable.cityTimeoutSeconds,
    earlierKey: "cityDeadline",
    type: whole(60, 86400).default(3600),
  },
  maxRunHours: {
    earlierKey: "longestLife",
    type: whole(1, 160).default(6),
    unit: "hours",
    description: "time after which a run is ended",
  },
  capacity: {
    ...settingsTable.capacity,
    type: Capacity.default("FARGATE"),
  },
  rImage: {
    type: Image.optional(),
    default: "the sample model's, built",
    description: "a ready-made image of R, by digest",
    example: "registry/image@sha256:4f2c...",
  },
  runnerImage: {
    type: Image.optional(),
    default: "built",
    description: "a ready-made image of the runner, by digest",
  },
  rCommand: {
    type: Command.pipe(z.array(z.string()).min(1, "expected a command")).default(["batch"]),
    description: "how R's image is called",
    example: "./container_entrypoint.sh batch",
  },
  rEvents: {
    type: Flag.optional(),
    default: "`true`; with `rImage` `false`",
    description: "R's image takes `--events FILE`",
  },
  rDirectory: {
    type: z
      .string()
      .regex(/^\/[^\s:]*[^\s:/]$/, "expected an absolute path")
      .default("/srv/ryanwhite"),
    description: "where R's image looks for `simulations/`",
    example: "/app",
  },
  rReadOnlyRoot: {
    type: Flag.optional(),
    default: "`true`; with `rImage` `false`",
    description: "R's container can't write outside the work directory",
  },
  rUser: {
    type: z
      .string()
      .regex(/^\d+(:\d+)?$/, "expected a user's number, or user:group")
      .optional(),
    default: "the image's",
    description: "the user that R's container runs as",
    example: "10001:10001",
  },
  rSecrets: {
    type: Texts.pipe(
      z.record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of a variable"),
        z
          .string()
          .regex(/^(arn:[^\s:]+:ssm:[^\s:]+:\d{12}:parameter)?\/?[\w./-]+$/, "expected a parameter's name or ARN"),
      ),
    ).default({}),
    description: "variables of R's container, each with a parameter of Parameter Store",
    example: '{"TOKEN": "/replot/token"}',
  },
  buildArgs: {
    type: Texts.default({}),
    description: "build arguments of both images",
    example: '{"BASE": "registry/debian:trixie-slim"}',
  },
  buildSecrets: {
    type: Texts.default({}),
    description: "files for building that the images don't get",
    example: '{"ca-bundle": "company.pem"}',
  },
  network: {
    type: z.enum(["default", "create"], 'expected "default" or "create"').default("default"),
    description:
      "`default`: the default VPC, or that of `subnets`; `create`: a VPC of the stack's own, for accounts without a default one: two zones, public subnets, gateway endpoints for S3 and DynamoDB; with `assignPublicIp: false` also private subnets behind one NAT gateway, which costs by the hour",
  },
  subnets: {
    type: Words.pipe(
      z
        .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, { error: ({ input }) => `"${input}" is no subnet's id` }))
        .min(1),
    ).optional(),
    default: "two of the default VPC",
    description: "subnets for the task, all in one VPC",
    example: "subnet-0a1b2c3d, subnet-4e5f6a7b",
  },
  assignPublicIp: {
    type: Flag.default(true),
    description: "`false` in subnets with a way out of their own (NAT)",
  },
  gatewayEndpoints: {
    type: Flag.default(false),
    description: "makes gateway endpoints for S3 and DynamoDB in the VPC, which can have them only once",
  },
  logRetentionDays: {
    type: z.coerce
      .number()
      .refine((days) => retentions.includes(days), `CloudWatch keeps logs for ${retentions.join(", ")} days`)
      .default(90),
    unit: "days",
    description: "time that logs are kept; one of the values that CloudWatch offers",
  },
  monthlyBudget: {
    type: z.coerce.number("expected US dollars").min(0, "expected US dollars").default(20),
    unit: "US dollars",
    description: "cost of the whole account per month above which the addresses get an e-mail; `0`: never",
  },
  protectData: {
    type: Flag.default(false),
    description: "buckets, tables and repositories are kept from being removed; earlier task definitions stay",
  },
  tags: {
    type: Texts.default({}),
    description: "tags for everything",
    example: '{"owner": "hiv"}',
  },
} as const satisfies Readonly<Record<string, ConfigKey>>;
