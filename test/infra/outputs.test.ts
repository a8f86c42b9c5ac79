import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { describe, it } from "mocha";
import { manualRun } from "../../infra/outputs.ts";
import { Deployment } from "../../runner/deployment/deployment.ts";
import { declare, readyImages } from "../support/declared.ts";

/** The words that a shell makes of a command line. */
function words(line: string): string[] {
  const printed = execFileSync("sh", ["-c", `set -- ${line}; printf '%s\\0' "$@"`], { encoding: "utf8" });
  return printed.split("\0").slice(0, -1);
}

describe("a stack's outputs", () => {
  it("are the fields that the commands read, and no others", async () => {
    const { outputs } = await declare({ config: { ...readyImages, emails: "ops@example.org" } });
    const deployment = Deployment.strict().parse(outputs);
    expect(Object.keys(outputs)).to.have.members(Object.keys(Deployment.shape));
    expect(deployment).to.include({ stack: "dev", taskCpu: 2048, taskMemory: 8192, maxRunSeconds: 21600 });
    expect(deployment.emails).to.deep.equal(["ops@example.org"]);
  });

  it("have a command that a shell hands to aws word for word", async () => {
    const { outputs } = await declare({ config: readyImages });
    const { cluster, taskDefinition, subnets, securityGroups, ...stack } = Deployment.parse(outputs);
    const line = words(stack.manualRun);
    expect(line.slice(0, 3)).to.deep.equal(["aws", "ecs", "run-task"]);
    const option = (name: string) => line[line.indexOf(`--${name}`) + 1] ?? "";
    expect(option("cluster")).to.equal(cluster);
    expect(option("task-definition")).to.equal(taskDefinition);
    expect(JSON.parse(option("network-configuration"))).to.deep.equal({
      awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: "ENABLED" },
    });
    expect(JSON.parse(option("overrides"))).to.deep.equal({
      containerOverrides: [{ name: "runner", command: ["regenerate", "full"], environment: [] }],
    });
  });

  it("have no command that a name could break out of", () => {
    const evil = `it's "$(touch /tmp/x)" \`id\` ; \\`;
    const line = manualRun(
      {
        region: "us-east-1",
        cluster: evil,
        taskDefinition: "x",
        subnets: [evil],
        securityGroups: [],
        assignPublicIp: false,
        capacity: "FARGATE",
      },
      "full",
    );
    expect(words(line)[words(line).indexOf("--cluster") + 1]).to.equal(evil);
    expect(words(line).some((word) => word.includes(JSON.stringify(evil)))).to.equal(true);
  });
});
