/** What the program declares, held against the services' own checks. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { RunTaskCommand } from "@aws-sdk/client-ecs";
import { GetScheduleCommand } from "@aws-sdk/client-scheduler";
import { expect } from "chai";
import { after, before, it } from "mocha";
import { parse } from "yaml";
import { z } from "zod";
import { openServices } from "../support/deploy/creator.ts";
import { type DeployedStack, deploy } from "../support/deploy.ts";
import { type Call, type Fault, type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import { root } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";

const execute = promisify(execFile);

const Overrides = z.strictObject({
  containerOverrides: z.array(
    z.strictObject({
      name: z.string(),
      command: z.array(z.string()),
      environment: z.array(z.strictObject({ name: z.string(), value: z.string() })),
    }),
  ),
});

/** moto knows no capacity providers: it gets the launch type that they stand for. */
function asMotoTakesIt({ target, body }: Call): Fault | undefined {
  if (!target.endsWith(".RunTask")) return undefined;
  const { capacityProviderStrategy: _, ...asked } = Asked.parse(JSON.parse(body));
  return { send: JSON.stringify({ ...asked, launchType: "FARGATE" }), answer: (answer) => answer };
}

const Asked = z.looseObject({
  capacityProviderStrategy: z.tuple([z.strictObject({ capacityProvider: z.literal("FARGATE"), weight: z.literal(1) })]),
  launchType: z.undefined().optional(),
});

describeWithMoto("a stack as it is declared", (moto) => {
  let stack: DeployedStack;
  let proxy: FaultyProxy;

  before(async () => {
    stack = await deploy(moto.endpoint, { config: { emails: '["analyst@example.org"]' } });
    proxy = await startFaultyProxy(moto.endpoint, asMotoTakesIt);
  });
  after(() => proxy.close());

  it("can be started with the command that it prints, by the AWS command line", async () => {
    const environment = { ...process.env, AWS_ENDPOINT_URL: proxy.endpoint, AWS_PAGER: "" };
    const { stdout } = await execute("sh", ["-c", stack.deployment.manualRun], { env: environment });
    const Answer = z.object({
      tasks: z.array(z.object({ taskDefinitionArn: z.string(), overrides: Overrides })).length(1),
      failures: z.array(z.unknown()).length(0),
    });
    const [task] = Answer.parse(JSON.parse(stdout)).tasks;
    expect(task?.taskDefinitionArn).to.equal(stack.deployment.taskDefinition);
    expect(task?.overrides.containerOverrides[0]?.command).to.deep.equal(["regenerate", "full"]);
  });

  it("has a schedule whose input RunTask takes", async () => {
    const { schedule = "", cluster } = stack.deployment;
    const [GroupName, Name] = schedule.split("/");
    const { Target: target } = await stack.services.scheduler.send(new GetScheduleCommand({ GroupName, Name }));
    expect(target?.Arn).to.equal(cluster);
    const overrides = Overrides.parse(JSON.parse(target?.Input ?? ""));
    expect(overrides.containerOverrides[0]?.environment).to.deep.equal([
      { name: "REPLOT_SCHEDULED_TIME", value: "<aws.scheduler.scheduled-time>" },
    ]);
    const { awsvpcConfiguration: network } = target?.EcsParameters?.NetworkConfiguration ?? {};
    const { tasks = [], failures } = await openServices(proxy.endpoint).ecs.send(
      new RunTaskCommand({
        cluster: target?.Arn,
        taskDefinition: target?.EcsParameters?.TaskDefinitionArn,
        capacityProviderStrategy: target?.EcsParameters?.CapacityProviderStrategy?.map(
          ({ capacityProvider, weight }) => ({
            capacityProvider,
            weight,
          }),
        ),
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: network?.Subnets,
            securityGroups: network?.SecurityGroups,
            assignPublicIp: network?.AssignPublicIp,
          },
        },
        overrides,
      }),
    );
    expect(failures).to.deep.equal([]);
    expect(tasks.map(({ overrides }) => overrides?.containerOverrides?.[0]?.name)).to.deep.equal(["runner"]);
  });

  it("is taken by every service with the settings of production, and with all that can be switched", async function () {
    this.timeout(120_000);
    const file = z.object({ config: z.record(z.string(), z.string()) });
    const { config } = file.parse(parse(readFileSync(join(root, "Pulumi.prod.yaml"), "utf8")));
    const production = Object.entries(config).map(([key, value]) => [key.replace("replot:", ""), value]);
    const other = { gatewayEndpoints: "true", capacity: "FARGATE_SPOT", schedule: "off", successEmails: "false" };
    const { deployment, environments } = await deploy(moto.endpoint, {
      config: { ...Object.fromEntries(production), ...other },
    });
    expect(deployment).to.include({ capacity: "FARGATE_SPOT" }).and.not.have.property("schedule");
    expect(environments.watchdog).not.to.have.property("REPLOT_SCHEDULE");
    expect(environments.runner).to.include({ REPLOT_CAPACITY: "FARGATE_SPOT", REPLOT_SUCCESS_EMAILS: "false" });
  });
});
