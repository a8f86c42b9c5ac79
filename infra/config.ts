/**
 * Reads what is set for a stack: `pulumi config set KEY VALUE`, or `Pulumi.<stack>.yaml`. `config-table.ts` describes
 * the keys. All mistakes are reported at once.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { credentialVariables } from "../runner/deployment/credential-variables.ts";
import { UsageError } from "../runner/errors.ts";
import { root } from "../runner/root.ts";
import { withCurrentNames } from "../runner/settings/earlier-names.ts";
import { objectOf } from "../runner/settings/setting.ts";
import { suggestion } from "../runner/text/nearest.ts";
import { type ConfigKey, configTable } from "./config-table.ts";
import { sizeProblem } from "./fargate.ts";
import { longestPrefix } from "./names.ts";
import { expressionProblem, isTimeZone } from "./schedule-expression.ts";

/** The way to switch the schedule off. */
const off = "off";

const Values = objectOf(configTable);
export type Config = z.infer<typeof Values>;

const keys: readonly (readonly [string, ConfigKey])[] = Object.entries(configTable);
const keyNames = keys.map(([key]) => key);
const earlierKeys = keys.flatMap(([key, { earlierKey }]) =>
  earlierKey === undefined ? [] : [[key, earlierKey] as const],
);

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
 * @param given as Pulumi keeps them: text, structured ones as JSON; under earlier names of the keys too
 * @throws UsageError naming everything that is wrong
 */
export function parseConfig(project: string, stack: string, given: Given): Config {
  const { values, givenAs, problems: conflicts } = withCurrentNames(given, earlierKeys);
  const parsed = Values.safeParse(values);
  const nameOf = ([key = "", ...rest]: readonly PropertyKey[]) => {
    const former = givenAs.get(String(key));
    const name = former === undefined ? String(key) : `${former} (now ${String(key)})`;
    return [name, ...rest.map(String)].join(".");
  };
  const problems = [
    ...nameProblems(project, stack),
    ...Object.keys(values)
      .filter((key) => !keyNames.includes(key))
      .map((key) => `${key}: there is no such key${suggestion(key, keyNames)}`),
    ...conflicts,
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${nameOf(path)}: ${message}`),
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
