/** What the program declares: every resource, what it is part of, how it is set. */
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { type Declared, type DeclaredStack, declare, readyImages } from "../support/declared.ts";

const everything = {
  config: { emails: "ops@example.org", gatewayEndpoints: "true", rSecrets: '{"TOKEN": "/replot/token"}' },
};

/** The types that AWS gives no tags, or that are no thing of their own. */
const untagged = [
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy",
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  "aws:lambda/permission:Permission",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  // its group has them
  "aws:scheduler/schedule:Schedule",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "aws:sqs/queuePolicy:QueuePolicy",
];

function json(resource: Declared, key: string): unknown {
  return JSON.parse(String(resource.inputs[key]));
}

describe("the program", () => {
  let stack: DeclaredStack;
  before(async () => {
    stack = await declare(everything);
  });

  it("declares these parts, and nothing else", () => {
    const short = (name: string) => name.replace(/^(aws:|docker-build:|replot:)(?:[^:]*:)?/, "");
    const parts = new Map<string, string[]>();
    for (const { type, name, parent } of stack.resources) {
      const part = parent.startsWith("pulumi:") ? "stack" : parent.replace("replot:", "");
      parts.set(part, [...(parts.get(part) ?? []), `${short(type)} ${name}`].sort());
    }
    const role = (name: string) => [`Role ${name}`, `RolePolicy ${name}`];
    const bucket = (name: string) =>
      ["", "LifecycleConfiguration", "OwnershipControls", "Policy", "PublicAccessBlock"]
        .concat("ServerSideEncryptionConfiguration", "Versioning")
        .map((type) => `Bucket${type} ${name}`);
    expect(Object.fromEntries(parts)).to.deep.equal({
      stack: [
        "Budget monthly",
        "Dashboard runs",
        "Images images",
        "Network network",
        "Notifications notifications",
        "Schedule schedule",
        "Storage storage",
        "Task task",
        "Watchdog watchdog",
      ],
      "Storage storage": [...bucket("data"), ...bucket("plots"), "Table plots", "Table runs"].sort(),
      "Images images": ["Image r", "Image runner", "LifecyclePolicy r", "LifecyclePolicy runner"].concat(
        "Repository r",
        "Repository runner",
      ),
      "Network network": ["SecurityGroup task", "VpcEndpoint dynamodb", "VpcEndpoint s3"],
      "Notifications notifications": [
        "MetricAlarm undelivered",
        "Queue undelivered",
        "QueuePolicy undelivered",
        "Topic reports",
        "TopicPolicy reports",
        "TopicSubscription ops@example.org",
      ],
      "Task task": [
        "Cluster runs",
        "ClusterCapacityProviders runs",
        "LogGroup runs",
        "Role execution",
        "Role task",
        "TaskDefinition run",
      ],
      "Role task": role("task"),
      "Role execution": role("execution"),
      "Schedule schedule": ["Role scheduler", "Schedule weekly", "ScheduleGroup weekly"],
      "Role scheduler": role("scheduler"),
      "Watchdog watchdog": [
        "EventRule daily",
        "EventRule stopped",
        "EventSourceMapping undelivered",
        "EventTarget daily",
        "EventTarget stopped",
        "Function watchdog",
        "FunctionEventInvokeConfig watchdog",
        "LogGroup watchdog",
        "Permission daily",
        "Permission stopped",
        "Role watchdog",
      ],
      "Role watchdog": role("watchdog"),
    });
  });

  it("tags everything that takes tags with project, stack and version", () => {
    const things = stack.resources.filter(({ type }) => type.startsWith("aws:") && !untagged.includes(type));
    expect(things).to.have.length.above(20);
    for (const { type, name, inputs } of things) {
      expect(inputs["tags"], `${type} ${name}`)
        .to.include({ project: "replot", stack: "dev" })
        .and.to.have.property("version");
    }
  });

  it("keeps two stacks of one account apart", async () => {
    const other = await declare({ ...everything, stack: "test" });
    const names = ({ resources }: DeclaredStack) =>
      resources.flatMap(({ type, id }) => (/RolePolicy|Permission|Image$|:Bucket[A-Z]/.test(type) ? [] : id || []));
    const named = names(stack).filter((id) => !/^[a-z0-9@.-]+-[0-9a-f]{8}$|^sg-/.test(id));
    expect(named).to.have.length.above(15);
    expect(named.filter((id) => names(other).includes(id))).to.deep.equal([]);
  });

  for (const name of ["data", "plots"]) {
    it(`keeps the ${name} bucket versioned, encrypted, private and for TLS only`, () => {
      const part = (type: string) => stack.one(`aws:s3/bucket${type}:Bucket${type}`, name).inputs;
      expect(part("Versioning")["versioningConfiguration"]).to.deep.equal({ status: "Enabled" });
      expect(part("ServerSideEncryptionConfiguration")["rules"]).to.deep.equal([
        { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
      ]);
      expect(part("PublicAccessBlock")).to.include({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      expect(part("OwnershipControls")["rule"]).to.deep.equal({ objectOwnership: "BucketOwnerEnforced" });
      expect(String(part("Policy")["policy"]))
        .to.include('"aws:SecureTransport":"false"')
        .and.to.include('"Deny"');
    });
  }

  it("keeps removed versions for 30 days, ten versions of inputs, runs for a year, unfinished uploads for a day", () => {
    const type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    const [data, plots] = ["data", "plots"].map((name) => JSON.stringify(stack.one(type, name).inputs["rules"]));
    expect(data).to.include('"noncurrentDays":30').and.to.include('"newerNoncurrentVersions":10');
    expect(plots).to.include('"noncurrentDays":30').and.to.include('"filter":{"prefix":"runs/"},"id":"runs"');
    expect(plots).to.include('"expiration":{"days":365}');
    for (const rules of [data, plots])
      expect(rules).to.include('"abortIncompleteMultipartUpload":{"daysAfterInitiation":1}');
  });

  it("makes tables on demand, with recovery to any second, and drops ledger items in time", () => {
    for (const { inputs } of stack.all("aws:dynamodb/table:Table")) {
      expect(inputs).to.deep.include({ billingMode: "PAY_PER_REQUEST", pointInTimeRecovery: { enabled: true } });
    }
    const runs = stack.one("aws:dynamodb/table:Table", "runs").inputs;
    expect(runs).to.deep.include({
      hashKey: "pk",
      rangeKey: "sk",
      ttl: { attributeName: "expires_at", enabled: true },
    });
    const plots = stack.one("aws:dynamodb/table:Table", "plots").inputs;
    expect(plots).to.include({ hashKey: "city_scenario", rangeKey: "outcome_stat_facet" });
  });

  it("removes all of a stack for trying things out, and keeps the data of production", async () => {
    const production = await declare({ stack: "prod", config: { protectData: "true", ...readyImages } });
    const holders = ["aws:s3/bucket:Bucket", "aws:dynamodb/table:Table", "aws:ecr/repository:Repository"];
    for (const [declared, kept] of [[stack, false] as const, [production, true] as const]) {
      const data = holders.flatMap((type) => declared.all(type));
      expect(data).to.have.length(6);
      for (const { type, protect, inputs } of data) {
        expect(protect).to.equal(kept);
        if (type.includes("Bucket")) expect(inputs["forceDestroy"]).to.equal(!kept);
        if (type.includes("Table")) expect(inputs["deletionProtectionEnabled"]).to.equal(kept);
        if (type.includes("Repository")) expect(inputs["forceDelete"]).to.equal(!kept);
      }
      const { inputs } = declared.one("aws:ecs/taskDefinition:TaskDefinition", "run");
      expect(inputs["skipDestroy"], "earlier revisions stay usable").to.equal(kept);
    }
  });

  it("builds for linux/amd64 under a tag of its inputs, and names what it built by digest", () => {
    for (const name of ["runner", "r"]) {
      const image = stack.one("docker-build:index:Image", name);
      expect(image.inputs).to.deep.include({ platforms: ["linux/amd64"], push: true, buildOnPreview: false });
      expect(image.inputs["tags"]).to.have.length(1);
      const tag = `^${stack.one("aws:ecr/repository:Repository", name).state["repositoryUrl"]}:(\\w{8,12})-[0-9a-f]{12}$`;
      expect(String(image.inputs["tags"])).to.match(new RegExp(tag));
      expect(image.retainOnDelete, "a run may be under way with it").to.equal(true);
      expect(stack.outputs[name === "r" ? "rImage" : "runnerImage"]).to.match(/@sha256:[0-9a-f]{64}$/);
      const repository = stack.one("aws:ecr/repository:Repository", name).inputs;
      expect(repository).to.deep.include({
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
      });
      const rules = JSON.stringify(json(stack.one("aws:ecr/lifecyclePolicy:LifecyclePolicy", name), "policy"));
      expect(rules).to.include('"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":7');
      expect(rules).to.include('"any","countType":"imageCountMoreThan","countNumber":10');
    }
  });

  it("builds nothing where images are ready-made", async () => {
    const ready = await declare({ config: readyImages });
    expect(ready.all("docker-build:index:Image")).to.deep.equal([]);
    expect(ready.outputs).to.include(readyImages);
  });

  it("lets nobody in, and the task out by TLS", () => {
    const { ingress, egress } = stack.one("aws:ec2/securityGroup:SecurityGroup", "task").inputs;
    expect(ingress).to.deep.equal([]);
    expect(egress).to.have.length(1);
    expect(JSON.stringify(egress)).to.include('"fromPort":443').and.to.include('"toPort":443');
  });

  it("uses two zones of the default VPC, or the subnets given", async () => {
    expect(stack.outputs["subnets"]).to.deep.equal(["subnet-00000000000000000", "subnet-00000000000000001"]);
    const given = "subnet-00000000000000002,subnet-00000000000000001";
    const own = await declare({ config: { ...readyImages, subnets: given, assignPublicIp: "false" } });
    expect(own.outputs).to.deep.include({ subnets: given.split(","), assignPublicIp: false });
    const schedule = JSON.stringify(own.one("aws:scheduler/schedule:Schedule", "weekly").inputs);
    expect(schedule)
      .to.include('"assignPublicIp":false')
      .and.to.include(JSON.stringify(given.split(",")));
  });

  it("starts the task every Sunday at four in New York, told when it was meant to start", () => {
    const { inputs } = stack.one("aws:scheduler/schedule:Schedule", "weekly");
    expect(inputs).to.deep.include({
      scheduleExpression: "cron(0 4 ? * SUN *)",
      scheduleExpressionTimezone: "America/New_York",
      flexibleTimeWindow: { mode: "OFF" },
    });
    const target: Record<string, unknown> = Object(inputs["target"]);
    expect(JSON.parse(String(target["input"]))).to.deep.equal({
      containerOverrides: [
        {
          name: "runner",
          command: ["regenerate", "full"],
          environment: [{ name: "REPLOT_SCHEDULED_TIME", value: "<aws.scheduler.scheduled-time>" }],
        },
      ],
    });
    expect(target).to.deep.include({
      arn: stack.outputs["cluster"],
      deadLetterConfig: { arn: stack.one("aws:sqs/queue:Queue", "undelivered").state["arn"] },
      retryPolicy: { maximumEventAgeInSeconds: 21600, maximumRetryAttempts: 100 },
    });
    expect(target["ecsParameters"]).to.deep.include({
      taskDefinitionArn: stack.outputs["taskDefinition"],
      propagateTags: "TASK_DEFINITION",
      capacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    });
  });

  it("runs on Spot where it is told to", async () => {
    const spot = await declare({ config: { ...readyImages, capacity: "FARGATE_SPOT" } });
    const schedule = JSON.stringify(spot.one("aws:scheduler/schedule:Schedule", "weekly").inputs);
    expect(schedule).to.include('"capacityProvider":"FARGATE_SPOT"').and.not.to.include('"launchType"');
    expect(spot.outputs["manualRun"]).to.include("capacityProvider=FARGATE_SPOT");
    const { capacityProviders } = spot.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "runs").inputs;
    expect(capacityProviders).to.deep.equal(["FARGATE", "FARGATE_SPOT"]);
  });

  it("has no schedule, and no role for one, where it is switched off", async () => {
    const still = await declare({ config: { ...readyImages, schedule: "off" } });
    expect(still.resources.filter(({ type, name }) => /scheduler/i.test(`${type} ${name}`))).to.deep.equal([]);
    expect(still.outputs).not.to.have.property("schedule");
    const watchdog = JSON.stringify(still.one("aws:lambda/function:Function", "watchdog").inputs["environment"]);
    expect(watchdog).not.to.include("REPLOT_SCHEDULE");
  });

  it("wakes the watchdog by tasks of this family that stop, daily, and by what could not be delivered", () => {
    const { inputs, state } = stack.one("aws:lambda/function:Function", "watchdog");
    expect(inputs).to.deep.include({ runtime: "nodejs24.x", timeout: 240, handler: "runner/watchdog.handler" });
    expect(json(stack.one("aws:cloudwatch/eventRule:EventRule", "stopped"), "eventPattern")).to.deep.equal({
      source: ["aws.ecs"],
      "detail-type": ["ECS Task State Change"],
      detail: { clusterArn: [stack.outputs["cluster"]], group: ["family:replot-dev"], lastStatus: ["STOPPED"] },
    });
    for (const name of ["stopped", "daily"]) {
      const rule = stack.one("aws:cloudwatch/eventRule:EventRule", name);
      const target = stack.one("aws:cloudwatch/eventTarget:EventTarget", name);
      expect(target.inputs).to.include({ arn: state["arn"], rule: rule.inputs["name"] });
      expect(stack.one("aws:lambda/permission:Permission", name).inputs).to.include({
        principal: "events.amazonaws.com",
        sourceArn: rule.state["arn"],
        sourceAccount: "123456789012",
      });
    }
    const queue = stack.one("aws:sqs/queue:Queue", "undelivered");
    expect(stack.one("aws:lambda/eventSourceMapping:EventSourceMapping", "undelivered").inputs).to.include({
      eventSourceArn: queue.state["arn"],
      functionName: state["arn"],
    });
    expect(queue.inputs["visibilityTimeoutSeconds"]).to.be.at.least(Number(inputs["timeout"]));
  });

  it("sends what the watchdog itself fails at to the topic", () => {
    const { inputs } = stack.one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "watchdog");
    expect(inputs["destinationConfig"]).to.deep.equal({ onFailure: { destination: stack.outputs["topicArn"] } });
    const alarm = stack.one("aws:cloudwatch/metricAlarm:MetricAlarm", "undelivered");
    expect(alarm.inputs["alarmActions"]).to.deep.equal([stack.outputs["topicArn"]]);
    const policy = String(stack.one("aws:sns/topicPolicy:TopicPolicy", "reports").inputs["policy"]);
    expect(policy).to.include(String(alarm.state["arn"])).and.to.include('"aws:SourceAccount":"123456789012"');
  });

  it("keeps every log for the days that are set", async () => {
    const brief = await declare({ config: { ...readyImages, logRetentionDays: "14" } });
    const kept = (declared: DeclaredStack) =>
      declared.all("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs["retentionInDays"]);
    expect([kept(stack), kept(brief)]).to.deep.equal([
      [90, 90],
      [14, 14],
    ]);
  });

  it("tells the addresses of a month that becomes expensive, directly", async () => {
    const { inputs } = stack.one("aws:budgets/budget:Budget", "monthly");
    expect(inputs).to.include({ limitAmount: "20", limitUnit: "USD", timeUnit: "MONTHLY" });
    expect(JSON.stringify(inputs["notifications"])).to.include("ops@example.org").and.to.include("FORECASTED");
    const without = await declare({ config: { ...everything.config, ...readyImages, monthlyBudget: "0" } });
    expect(without.all("aws:budgets/budget:Budget")).to.deep.equal([]);
  });

  it("shows plots, failures, seconds per city and cost of its own stack", () => {
    const body = JSON.stringify(json(stack.one("aws:cloudwatch/dashboard:Dashboard", "runs"), "dashboardBody"));
    for (const metric of [
      "PlotsPublished",
      "PlotsMissing",
      "CitiesFailed",
      "CitySeconds",
      "RunSeconds",
      "Cost",
      "Retries",
    ]) {
      expect(body).to.include(`["replot","${metric}","stack","dev"`);
    }
  });
});
