/** The resources that the program declares, and their settings. */
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { type DeclaredStack, declare, readyImages } from "../support/declared.ts";
import { declareEverything, everything, json } from "./everything.ts";

/** Types without tags in AWS, or that only configure another resource. */
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
  // the schedule's group has the tags
  "aws:scheduler/schedule:Schedule",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "aws:sqs/queuePolicy:QueuePolicy",
];

describe("the program", () => {
  let stack: DeclaredStack;
  before(async () => {
    stack = await declareEverything();
  });

  it("tags every resource with project, stack and version", () => {
    const things = stack.resources.filter(({ type }) => type.startsWith("aws:") && !untagged.includes(type));
    expect(things).to.have.length.above(20);
    for (const { type, name, inputs } of things) {
      expect(inputs["tags"], `${type} ${name}`)
        .to.include({ project: "replot", stack: "dev" })
        .and.to.have.property("version");
    }
  });

  it("gives the resources of two stacks in one account different names", async () => {
    const other = await declare({ ...everything, stack: "test" });
    const names = ({ resources }: DeclaredStack) =>
      resources.flatMap(({ type, id }) => (/RolePolicy|Permission|Image$|:Bucket[A-Z]/.test(type) ? [] : id || []));
    const named = names(stack).filter((id) => !/^[a-z0-9@.-]+-[0-9a-f]{8}$|^sg-/.test(id));
    expect(named).to.have.length.above(15);
    expect(named.filter((id) => names(other).includes(id))).to.deep.equal([]);
  });

  it("builds images for linux/amd64, tags them by their inputs, and refers to them by digest", () => {
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

  it("keeps the repositories of a stack that was deployed before awsx made them", () => {
    for (const name of ["runner", "r"]) {
      for (const type of ["aws:ecr/repository:Repository", "aws:ecr/lifecyclePolicy:LifecyclePolicy"]) {
        const { aliases } = stack.one(type, name);
        expect(aliases.map((urn) => urn.split("$").slice(-2).join("$"))).to.deep.equal([
          `replot:Images$${type}::${name}`,
        ]);
      }
    }
  });

  it("builds nothing if the images are given", async () => {
    const ready = await declare({ config: readyImages });
    expect(ready.all("docker-build:index:Image")).to.deep.equal([]);
    expect(ready.outputs).to.include(readyImages);
  });

  it("allows no inbound traffic, and outbound traffic over TLS only", () => {
    const { ingress, egress } = stack.one("aws:ec2/securityGroup:SecurityGroup", "task").inputs;
    expect(ingress).to.deep.equal([]);
    expect(egress).to.have.length(1);
    expect(JSON.stringify(egress)).to.include('"fromPort":443').and.to.include('"toPort":443');
  });

  it("uses two zones of the default VPC, or the given subnets", async () => {
    expect(stack.outputs["subnets"]).to.deep.equal(["subnet-00000000000000000", "subnet-00000000000000001"]);
    const given = "subnet-00000000000000002,subnet-00000000000000001";
    const own = await declare({ config: { ...readyImages, subnets: given, assignPublicIp: "false" } });
    expect(own.outputs).to.deep.include({ subnets: given.split(","), assignPublicIp: false });
    const schedule = JSON.stringify(own.one("aws:scheduler/schedule:Schedule", "weekly").inputs);
    expect(schedule)
      .to.include('"assignPublicIp":false')
      .and.to.include(JSON.stringify(given.split(",")));
  });

  it("makes a VPC of two zones on request, for an account without a default one", async () => {
    const own = await declare({ config: { ...readyImages, network: "create" } });
    const { subnetSpecs, natGateways, vpcEndpointSpecs } = own.one("awsx:ec2:Vpc", "replot-dev").inputs;
    expect({ subnetSpecs, natGateways }).to.deep.equal({
      subnetSpecs: [{ type: "Public" }],
      natGateways: { strategy: "None" },
    });
    expect(vpcEndpointSpecs).to.deep.equal([
      { serviceName: "com.amazonaws.us-east-1.s3", vpcEndpointType: "Gateway" },
      { serviceName: "com.amazonaws.us-east-1.dynamodb", vpcEndpointType: "Gateway" },
    ]);
    const [first, second] = own.all("aws:ec2/subnet:Subnet");
    expect(own.outputs["subnets"]).to.have.length(2);
    expect(first?.inputs["availabilityZone"]).not.to.equal(second?.inputs["availabilityZone"]);
    expect(own.one("aws:ec2/securityGroup:SecurityGroup", "task").inputs["vpcId"]).to.equal(first?.inputs["vpcId"]);
  });

  it("puts tasks without public addresses into private subnets behind one NAT gateway", async () => {
    const own = await declare({ config: { ...readyImages, network: "create", assignPublicIp: "false" } });
    expect(own.all("aws:ec2/natGateway:NatGateway")).to.have.length(1);
    const isPrivate = ({ inputs }: { inputs: Readonly<Record<string, unknown>> }) =>
      inputs["mapPublicIpOnLaunch"] === false;
    expect(own.all("aws:ec2/subnet:Subnet").filter(isPrivate)).to.have.length(2);
    const [subnet] = JSON.parse(JSON.stringify(own.outputs["subnets"]));
    expect(subnet).to.match(/^subnet-b/);
    const schedule = JSON.stringify(own.one("aws:scheduler/schedule:Schedule", "weekly").inputs);
    expect(schedule).to.include('"assignPublicIp":false').and.to.include(subnet);
  });
});
