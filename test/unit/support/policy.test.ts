/** The stand-in for IAM is no more generous than IAM. */
import { expect } from "chai";
import { describe, it } from "mocha";
import { allowing, type Request, readPolicy } from "../../support/iam/policy.ts";

const statement = {
  Sid: "One",
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: ["arn:aws:s3:::bucket/plots/*"],
};
const document = (...changes: object[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: changes.map((change) => ({ ...statement, ...change })) });

const get = (resource: string, context: Request["context"] = {}): Request => ({
  action: "s3:GetObject",
  resource,
  context,
});
const allows = (policy: string, request: Request): boolean => allowing(readPolicy(policy), request).length > 0;

describe("a role's policy in the tests", () => {
  it("allows exactly its actions on what its resources cover", () => {
    const policy = document({});
    expect(allows(policy, get("arn:aws:s3:::bucket/plots/a/b.json"))).to.equal(true);
    expect(allows(policy, get("arn:aws:s3:::bucket/plotsome"))).to.equal(false);
    expect(allows(policy, get("arn:aws:s3:::other/plots/a"))).to.equal(false);
    expect(allows(policy, get("arn:aws:s3:::bucketXplots/a"))).to.equal(false);
    expect(allows(policy, { ...get("arn:aws:s3:::bucket/plots/a"), action: "s3:PutObject" })).to.equal(false);
    expect(allows(document(), get("arn:aws:s3:::bucket/plots/a"))).to.equal(false);
  });

  it("compares ARNs part by part, and an action without resource with nothing but `*`", () => {
    const logs = document({ Resource: ["arn:aws:logs:*:123456789012:log-group:/replot/?:log-stream:task/*"] });
    expect(allows(logs, get("arn:aws:logs:eu-west-1:123456789012:log-group:/replot/a:log-stream:task/r/1"))).to.equal(
      true,
    );
    expect(allows(logs, get("arn:aws:logs:eu-west-1:x:123456789012:log-group:/replot/a:log-stream:task/r"))).to.equal(
      false,
    );
    expect(allows(logs, get("arn:aws:logs:eu-west-1:123456789012:log-group:/replot/ab:log-stream:task/r"))).to.equal(
      false,
    );
    expect(allows(document({ Resource: ["arn:aws:s3:::*"] }), get("*"))).to.equal(false);
    expect(allows(document({ Resource: ["*"] }), get("*"))).to.equal(true);
  });

  it("holds only where every condition does; of a key that the call lacks only ForAllValues does", () => {
    const on = (Condition: object) => document({ Resource: ["*"], Condition });
    const asked = (key: string, ...values: string[]) => get("*", { [key]: values });
    const cluster = on({ ArnEquals: { "ecs:cluster": "arn:aws:ecs:r:1:cluster/a" }, Bool: { "aws:x": "true" } });
    const both = { "ecs:cluster": ["arn:aws:ecs:r:1:cluster/a"], "aws:x": ["true"] };
    expect(allows(cluster, get("*", both))).to.equal(true);
    expect(allows(cluster, get("*", { ...both, "aws:x": ["false"] }))).to.equal(false);
    expect(allows(cluster, get("*", { ...both, "ecs:cluster": ["arn:aws:ecs:r:1:cluster/b"] }))).to.equal(false);
    expect(allows(cluster, get("*"))).to.equal(false);
    const prefix = on({ StringLike: { "s3:prefix": ["a/*", "b/*"] } });
    expect(allows(prefix, asked("s3:prefix", "b/c"))).to.equal(true);
    expect(allows(prefix, asked("s3:prefix", "c"))).to.equal(false);
    const keys = on({ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["lock"] } });
    expect(allows(keys, asked("dynamodb:LeadingKeys", "lock"))).to.equal(true);
    expect(allows(keys, asked("dynamodb:LeadingKeys", "lock", "runs"))).to.equal(false);
    expect(allows(keys, get("*"))).to.equal(true);
  });

  const outside: readonly (readonly [string, object])[] = [
    ["a refusal", { Effect: "Deny" }],
    ["all actions of a service", { Action: ["s3:*"] }],
    ["all but some actions", { NotAction: ["s3:GetObject"] }],
    ["all but some resources", { NotResource: ["*"] }],
    ["another operator", { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }],
    ["a principal", { Principal: "*" }],
  ];
  for (const [name, change] of outside) {
    it(`is an error where it is written in other words: ${name}`, () => {
      expect(() => readPolicy(document(change))).to.throw();
    });
  }
});
