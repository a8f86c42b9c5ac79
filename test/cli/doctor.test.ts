/** `replot doctor --stack` and `replot notify --test`: real processes against moto. */
import { BatchGetImageCommand, CreateRepositoryCommand, ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  SchedulerClient,
  type ScheduleState,
} from "@aws-sdk/client-scheduler";
import { SubscribeCommand } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { afterEach, beforeEach, it } from "mocha";
import { z } from "zod";
import type { Deployment } from "../../runner/deployment/deployment.ts";
import { openClients } from "../../runner/stores/aws/client.ts";
import type { Call, Fault } from "../support/faulty-proxy.ts";
import { type Installation, weatherCatalog, weatherInstallation } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";
import { type DeployedStack, stacks } from "./stack.ts";

const Findings = z.array(
  z.object({ what: z.string(), state: z.string(), detail: z.string(), remedy: z.string().optional() }),
);
const index = (architecture: string) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ digest: `sha256:${"3".repeat(64)}`, platform: { os: "linux", architecture } }],
  });

describeWithMoto("a stack, examined", (moto) => {
  const { stack: deploy, proxied, replot } = stacks(moto);
  let here: Installation;

  beforeEach(async () => {
    here = await weatherInstallation();
  });
  afterEach(() => here.remove());

  const clients = () => openClients({ endpoint: moto.endpoint, region: "us-east-1" });

  /** moto knows no quotas of Fargate, and confirms e-mail addresses by itself. */
  const service =
    (cores: number, pending: readonly string[] = []) =>
    ({ target, body }: Call): Fault | undefined => {
      if (target.endsWith("GetServiceQuota")) {
        return { status: 200, body: JSON.stringify({ Quota: { Value: cores } }) };
      }
      if (!body.includes("Action=ListSubscriptionsByTopic")) return undefined;
      return {
        answer: (xml) =>
          xml.replaceAll(/<member>[\s\S]*?<\/member>/g, (member) =>
            pending.some((address) => member.includes(address))
              ? member.replace(/<SubscriptionArn>[^<]*/, "<SubscriptionArn>PendingConfirmation")
              : member,
          ),
      };
    };

  /** An image that ECR has; its digest is moto's. */
  async function pushed(repositoryName: string, architecture: string): Promise<string> {
    const ecr = new ECRClient({ endpoint: moto.endpoint, region: "us-east-1" });
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest: index(architecture), imageTag: "one" }));
    const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: "one" }] }));
    return `123456789012.dkr.ecr.us-east-1.amazonaws.com/${repositoryName}@${images?.[0]?.imageId?.imageDigest}`;
  }

  async function subscribe({ deployment }: DeployedStack, ...emails: string[]): Promise<void> {
    for (const Endpoint of emails) {
      const command = new SubscribeCommand({ TopicArn: deployment.topicArn, Protocol: "email", Endpoint });
      await clients().sns.send(command);
    }
  }

  /** @returns its path, as a stack's outputs name it */
  async function scheduled({ deployment }: DeployedStack, State: ScheduleState): Promise<string> {
    const scheduler = new SchedulerClient({ endpoint: moto.endpoint, region: "us-east-1" });
    const { stack: GroupName, cluster } = deployment;
    await scheduler.send(new CreateScheduleGroupCommand({ Name: GroupName }));
    await scheduler.send(
      new CreateScheduleCommand({
        GroupName,
        Name: "weekly",
        State,
        ScheduleExpression: "cron(0 4 ? * SUN *)",
        ScheduleExpressionTimezone: "America/New_York",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: cluster, RoleArn: "arn:aws:iam::123456789012:role/replot-dev-scheduler" },
      }),
    );
    return `${GroupName}/weekly`;
  }

  async function examine(stack: DeployedStack, endpoint: string, environment: NodeJS.ProcessEnv = {}) {
    const args = ["doctor", "all", "--stack", stack.file, "--catalog", weatherCatalog, "--json"];
    const { code, stdout, stderr } = await replot(args, endpoint, environment).ended;
    if (stdout === "") throw new Error(stderr);
    const findings = Findings.parse(JSON.parse(stdout));
    return { code, of: (what: string) => findings.find((one) => one.what === what), findings };
  }

  it("is well", async () => {
    const images: Partial<Deployment> = {
      runnerImage: await pushed(`runner-${process.pid}`, "amd64"),
      rImage: await pushed(`r-${process.pid}`, "amd64"),
    };
    const bare = await deploy(images);
    const stack = await bare.withOutputs({ schedule: await scheduled(bare, "ENABLED") });
    await stack.upload(here.data);
    await subscribe(stack, "ada@example.org");
    const { endpoint } = await proxied(stack, service(6));
    const { code, findings } = await examine(stack, endpoint);
    expect(findings.filter(({ state }) => state !== "ok")).to.deep.equal([]);
    expect(code).to.equal(0);
    expect(findings.map(({ what }) => what)).to.include.members(["Inputs", "R's image", "Quota", "E-mails", "Lock"]);
    const text = await replot(["doctor", "all", "--stack", stack.file, "--catalog", weatherCatalog], endpoint).ended;
    expect(text.stdout)
      .to.include("9 files in bucket")
      .and.to.include("the task needs 2 cores; the account may use 6")
      .and.to.include("cron(0 4 ? * SUN *), America/New_York");
  });

  it("says what is wrong, and what to do about it", async () => {
    const stack = await deploy({
      version: "0.0.1",
      plotsBucket: "replot-nowhere",
      runnerImage: await pushed(`arm-${process.pid}`, "arm64"),
    });
    await subscribe(stack, "ada@example.org");
    const { endpoint } = await proxied(stack, service(1, ["ada@example.org"]));
    const { code, of } = await examine(stack, endpoint);
    expect(code).to.equal(1);
    expect(of("Stack")).to.include({ state: "warn" });
    expect(of("Stack")?.detail).to.match(/has replot 0\.0\.1, and this is/);
    expect(of("Bucket of plots")?.detail).to.match(/s3:ListBucket failed for bucket replot-nowhere/);
    expect(of("Bucket of plots")?.remedy).to.equal("pulumi up");
    expect(of("Inputs")?.detail).to.match(/^9 of 9 files missing in bucket /);
    expect(of("Inputs")?.remedy).to.equal(
      `upload them: replot data push DIRECTORY --catalog ${weatherCatalog} --stack ${stack.file}`,
    );
    expect(of("Runner's image")?.detail).to.match(/is for linux\/arm64, and Fargate runs it on linux\/amd64/);
    expect(of("R's image")?.detail).to.match(
      /ecr:BatchGetImage failed for repository replot-r: there is no such repository/,
    );
    expect(of("Quota")?.detail).to.equal("the task needs 2 cores, and the account may use 1 of FARGATE at once");
    expect(of("Quota")?.remedy).to.include(
      "request-service-quota-increase --service-code fargate --quota-code L-3032A538",
    );
    expect(of("E-mails")).to.deep.include({
      state: "wrong",
      detail: "not confirmed, so nothing comes: ada@example.org",
    });
    expect(of("Schedule")).to.include({ state: "warn" });
  });

  it("says that its schedule was switched off by hand, or is gone", async () => {
    const bare = await deploy();
    const asleep = await bare.withOutputs({ schedule: await scheduled(bare, "DISABLED") });
    const found = await examine(asleep, moto.endpoint);
    expect(found.of("Schedule")).to.include({ state: "wrong", remedy: "pulumi up --refresh" });
    expect(found.of("Schedule")?.detail).to.match(/was switched off past Pulumi: no run begins by itself/);
    const gone = await examine(await bare.withOutputs({ schedule: `${bare.deployment.stack}/other` }), moto.endpoint);
    expect(gone.of("Schedule")?.detail).to.match(/scheduler:GetSchedule failed for schedule .*\/other: /);
    expect(gone.of("Schedule")?.remedy).to.equal("pulumi up");
  });

  it("is not looked at with credentials of another account, or none", async () => {
    const other = await deploy({ account: "999999999999" });
    const { code, findings, of } = await examine(other, moto.endpoint);
    expect(code).to.equal(1);
    expect(of("Credentials")?.detail).to.match(/is in account 123456789012, and the stack is in 999999999999/);
    expect(findings).to.have.length(2);
    const nobody = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true" };
    const none = await examine(await deploy(), moto.endpoint, { ...nobody, HOME: here.directory });
    expect(none.of("Credentials")?.detail).to.match(/no AWS credentials were found/);
  });

  it("sends a test e-mail, and says who gets nothing", async () => {
    const stack = await deploy();
    await subscribe(stack, "ada@example.org", "bob@example.org");
    const { endpoint } = await proxied(stack, service(6, ["bob@example.org"]));
    const args = ["notify", "--test", "--stack", stack.file];
    const { code, stdout, stderr } = await replot(args, endpoint).ended;
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/It goes to .*ada@example\.org\.\n/);
    expect(stdout).to.match(/not confirmed, who gets nothing: bob@example\.org\.\nFollow the link/);
    const [email, ...others] = await stack.emails();
    expect(others).to.deep.equal([]);
    expect(email?.subject).to.match(/^\[replot\] test e-mail of stack /);

    const nobody = await proxied(stack, service(6, ["example.org", "arn:aws:sqs"]));
    const none = await replot(args, nobody.endpoint).ended;
    expect(none.code).to.equal(3);
    expect(none.stdout).to.include("Nobody gets it.");
    const wrong = await replot(["notify", "--stack", stack.file]).ended;
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.match(/replot(\.js)? notify --test/);
  });
});
