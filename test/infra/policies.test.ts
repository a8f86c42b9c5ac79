/** Policies, read as they stand: exact actions on exact resources, and every `*` accounted for. */
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { type DeclaredStack, declare, readyImages } from "../support/declared.ts";
import { Document } from "../support/iam/grammar.ts";
import { grants } from "./grants.ts";

/** What AWS allows nothing else for. Anything new here wants a reason that holds. */
const onEverything = ["ecr:GetAuthorizationToken", "ecs:ListTasks"];

describe("policies", () => {
  let stack: DeclaredStack;
  before(async () => {
    stack = await declare({ config: { ...readyImages, rSecrets: '{"TOKEN": "/replot/token"}' } });
  });

  const statementsOf = (type: string, name: string, key = "policy") =>
    Document.parse(JSON.parse(String(stack.one(type, name).inputs[key]))).Statement;
  const roleStatements = (name: string) => statementsOf("aws:iam/rolePolicy:RolePolicy", name);

  for (const [role, all] of Object.entries(grants)) {
    it(`of the ${role} role name each action, and account for every pattern`, () => {
      for (const { id, actions, resources, conditions, why, pattern } of all) {
        for (const action of actions) expect(action, id).to.match(/^[a-z0-9]+:[A-Z][A-Za-z]+$/);
        const asterisk = JSON.stringify([resources, conditions]).includes("*");
        expect(pattern !== undefined, `${id} says why it has a *`).to.equal(asterisk);
        expect(why.length, id).to.be.above(5);
        for (const resource of resources) {
          if (resource === "*") expect(onEverything, id).to.include.members([...actions]);
          // a pattern is an end that AWS makes up, never a service or an account
          else expect(resource.indexOf("*"), `${id} ${resource}`).to.be.oneOf([-1, resource.length - 1]);
        }
      }
      expect(new Set(all.map(({ id }) => id)).size, "each id once").to.equal(all.length);
    });

    it(`of the ${role} role are declared in the grammar that the tests evaluate`, () => {
      const statements = roleStatements(role);
      expect(statements.map(({ Sid }) => Sid)).to.deep.equal(all.map(({ id }) => id));
      for (const { Effect, Principal, Resource } of statements) {
        expect([Effect, Principal]).to.deep.equal(["Allow", undefined]);
        for (const resource of Resource ?? []) if (resource !== "*") expect(resource).to.match(/^arn:aws:[a-z0-9]+:/);
      }
    });
  }

  it("let the task remove plots and the lock, and nothing else", () => {
    const removing = roleStatements("task").filter(({ Action }) => Action.some((action) => action.includes("Delete")));
    const bucket = stack.one("aws:s3/bucket:Bucket", "plots").state["arn"];
    expect(removing.map(({ Action, Resource, Condition }) => ({ Action, Resource, Condition }))).to.deep.equal([
      { Action: ["s3:DeleteObject"], Resource: [`${bucket}/plots/*`], Condition: undefined },
      {
        Action: ["dynamodb:DeleteItem", "dynamodb:UpdateItem"],
        Resource: [stack.one("aws:dynamodb/table:Table", "runs").state["arn"]],
        Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["lock"] } },
      },
    ]);
  });

  it("let the scheduler start this family in this cluster, with two roles, for tasks alone", () => {
    const [run, pass] = roleStatements("scheduler");
    expect(run).to.deep.include({
      Action: ["ecs:RunTask"],
      Resource: ["arn:aws:ecs:us-east-1:123456789012:task-definition/replot-dev:*"],
      Condition: { ArnEquals: { "ecs:cluster": stack.outputs["cluster"] } },
    });
    expect(pass).to.deep.include({
      Action: ["iam:PassRole"],
      Resource: ["task", "execution"].map((name) => stack.one("aws:iam/role:Role", name).state["arn"]),
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    });
  });

  it("let ECS pull from the repositories that the images come from, and from no other", () => {
    const pull = roleStatements("execution").find(({ Sid }) => Sid === "PullImages");
    expect(pull?.Resource).to.deep.equal([
      "arn:aws:ecr:us-east-1:123456789012:repository/ready/runner",
      "arn:aws:ecr:us-east-1:123456789012:repository/ready/r",
    ]);
  });

  it("need no registry of ours for images from elsewhere", async () => {
    const image = (name: string) => `ghcr.io/group/${name}@sha256:${"c".repeat(64)}`;
    const elsewhere = await declare({ config: { runnerImage: image("runner"), rImage: image("r") } });
    const policy = String(elsewhere.one("aws:iam/rolePolicy:RolePolicy", "execution").inputs["policy"]);
    expect(policy).not.to.include("ecr:").and.not.to.include("ssm:");
  });

  it("of roles are taken on by one service each, for this account and what is ours in it", () => {
    const trust = (name: string) => statementsOf("aws:iam/role:Role", name, "assumeRolePolicy");
    const from = { StringEquals: { "aws:SourceAccount": "123456789012" } };
    for (const name of ["task", "execution"]) {
      expect(trust(name)).to.have.length(1);
      expect(trust(name)[0]).to.deep.include({
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Condition: { ...from, ArnLike: { "aws:SourceArn": "arn:aws:ecs:us-east-1:123456789012:*" } },
      });
    }
    expect(trust("scheduler")[0]).to.deep.include({
      Principal: { Service: "scheduler.amazonaws.com" },
      Condition: {
        ...from,
        ArnEquals: { "aws:SourceArn": "arn:aws:scheduler:us-east-1:123456789012:schedule-group/replot-dev" },
      },
    });
    expect(trust("watchdog")[0]).to.deep.include({ Principal: { Service: "lambda.amazonaws.com" } });
  });

  it("of buckets, queue and topic refuse what does not come over TLS", () => {
    for (const [type, name] of [
      ["aws:s3/bucketPolicy:BucketPolicy", "data"],
      ["aws:s3/bucketPolicy:BucketPolicy", "plots"],
      ["aws:sqs/queuePolicy:QueuePolicy", "undelivered"],
      ["aws:sns/topicPolicy:TopicPolicy", "reports"],
    ] as const) {
      expect(statementsOf(type, name)[0]).to.deep.include({
        Effect: "Deny",
        Principal: "*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
    }
  });
});
