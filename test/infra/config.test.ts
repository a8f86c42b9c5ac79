import { readFileSync } from "node:fs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse as parseYaml } from "yaml";
import { parseConfig, scheduleOf } from "../../infra/config.ts";
import { UsageError } from "../../runner/errors.ts";
import { declare } from "../support/declared.ts";

const parse = (values: Record<string, string> = {}, stack = "dev") => parseConfig("replot", stack, values);

function mistakes(values: Record<string, string>, stack = "dev"): string[] {
  try {
    parse(values, stack);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    return thrown.message.split("\n").slice(1, -1);
  }
  return [];
}

describe("a stack's configuration", () => {
  it("needs nothing to be set", () => {
    expect(parse()).to.deep.include({
      schedule: "cron(0 4 ? * SUN *)",
      timeZone: "America/New_York",
      emails: [],
      cpu: 2048,
      memory: 8192,
      protectData: false,
    });
  });

  it("takes lists and maps as Pulumi writes them, and lists as a person types them", () => {
    const addresses = ["a@example.org", "b@example.org"];
    expect(parse({ emails: JSON.stringify(addresses) }).emails).to.deep.equal(addresses);
    expect(parse({ emails: "a@example.org, b@example.org" }).emails).to.deep.equal(addresses);
    expect(parse({ tags: '{"owner": "hiv"}' }).tags).to.deep.equal({ owner: "hiv" });
    expect(parse({ rCommand: "./entry.sh batch" }).rCommand).to.deep.equal(["./entry.sh", "batch"]);
    expect(parse({ rCommand: '["my program", "batch"]' }).rCommand).to.deep.equal(["my program", "batch"]);
  });

  it("can switch the schedule off", () => {
    expect(scheduleOf(parse({ schedule: "off" }))).to.equal(undefined);
  });

  it("is told all of its mistakes at once, each with its key and what would be right", () => {
    const found = mistakes(
      {
        schdule: "rate(1 day)",
        emails: "ops, b@example.org",
        cpu: "1024",
        memory: "9216",
        ephemeralStorage: "20",
        schedule: "cron(0 2 * * SUN *)",
        rImage: "group/image:latest",
        logRetentionDays: "100",
        maxRunHours: "six",
        assignPublicIp: "false",
        rSecrets: '{"AWS_PROFILE": "/replot/token"}',
        catalog: "catalog/none.yaml",
        buildSecrets: '{"ca-bundle": "no-such.pem"}',
        capacity: "SPOT",
        tags: "owner",
      },
      "My_Stack",
    );
    const expected = [
      'stack: "My_Stack"',
      "schdule: there is no such key; did you mean schedule?",
      'emails.0: "ops" is no e-mail address',
      "memory: Fargate has no 9216 MiB with cpu 1024",
      "ephemeralStorage: expected a whole number from 21 to 200",
      "schedule: cron(0 2 * * SUN *): exactly one of day of month",
      "rImage: expected an image by its digest",
      "logRetentionDays: CloudWatch keeps logs for 1, 3, 5, 7",
      "maxRunHours: expected a whole number from 1 to 160",
      "assignPublicIp: the default VPC",
      "rSecrets: R's container starts without AWS_PROFILE",
      "catalog: there is no catalog/none.yaml",
      "buildSecrets: there is no file no-such.pem",
      "capacity: ",
      'tags: expected a list or a map, found "owner"',
    ];
    for (const mistake of expected)
      expect(
        found.filter((line) => line.trim().startsWith(mistake)),
        mistake,
      ).to.have.length(1);
    expect(found).to.have.length(expected.length);
  });

  it("that is wrong declares nothing, and is told without a trace of the program", async () => {
    const thrown = await declare({ config: { cpu: "7", timeZone: "Nowhere" } }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(thrown).to.have.property("__pulumiRunError", true);
    expect(String(thrown)).to.include("cpu: ").and.to.include("timeZone: ").and.to.include("pulumi config set");
  });

  it("of production keeps its data, and has only keys that there are", () => {
    const file: { config: Record<string, string> } = parseYaml(readFileSync("Pulumi.prod.yaml", "utf8"));
    const keys = Object.entries(file.config).map(([key, value]) => [key.replace("replot:", ""), value]);
    expect(parse(Object.fromEntries(keys), "prod").protectData).to.equal(true);
  });

  it("takes keys under their earlier names, and names a key whose two names have different values", () => {
    const { maxRunHours, cityTimeoutSeconds, maxDaysWithoutSuccess } = parse({
      longestLife: "5",
      cityDeadline: "600",
      silenceDays: "3",
    });
    expect({ maxRunHours, cityTimeoutSeconds, maxDaysWithoutSuccess }).to.deep.equal({
      maxRunHours: 5,
      cityTimeoutSeconds: 600,
      maxDaysWithoutSuccess: 3,
    });
    expect(parse({ longestLife: "5", maxRunHours: "5" }).maxRunHours).to.equal(5);
    expect(mistakes({ longestLife: "5", maxRunHours: "6" }).join()).to.match(
      /maxRunHours: longestLife, its earlier name/,
    );
    expect(mistakes({ longestLife: "six" }).join()).to.include(
      "longestLife (now maxRunHours): expected a whole number",
    );
  });
});
