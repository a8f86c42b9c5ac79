/** What can be set for a stack: `pulumi config set KEY VALUE`. Every mistake is reported, all of them at once. */
import { z } from "zod";
import { WrongRequest } from "../runner/errors.ts";
import { Capacity } from "../runner/settings.ts";

const Flag = z.enum(["true", "false"]).transform((text) => text === "true");
const Whole = z.coerce.number().int();

const Values = z.object({
  protectData: Flag.default(false),
  tags: z.record(z.string(), z.string()).default({}),
  emails: z.array(z.email()).default([]),
  preset: z.string().default("full"),
  cpu: Whole.default(2048),
  memory: Whole.default(8192),
  ephemeralStorage: Whole.default(30),
  workers: Whole.optional(),
  attempts: Whole.default(3),
  cityDeadline: Whole.default(3600),
  longestLifeHours: Whole.default(6),
  capacity: Capacity.default("FARGATE"),
  successEmails: Flag.default(true),
  runnerImage: z.string().optional(),
  rImage: z.string().optional(),
  rCommand: z.array(z.string()).default(["batch"]),
  rEvents: Flag.optional(),
  rDirectory: z.string().default("/srv/ryanwhite"),
  rReadOnlyRoot: Flag.optional(),
  rUser: z.string().optional(),
  rSecrets: z.record(z.string(), z.string()).default({}),
  logRetentionDays: Whole.default(90),
});
export type Config = z.infer<typeof Values>;

/** @param values as Pulumi keeps them: text, structured ones as JSON */
export function parseConfig(values: Readonly<Record<string, string>>): Config {
  const structured = new Set(["tags", "emails", "rCommand", "rSecrets"]);
  const parsed = Values.safeParse(
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, structured.has(key) ? JSON.parse(value) : value]),
    ),
  );
  if (parsed.success) return parsed.data;
  throw new WrongRequest(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
}
