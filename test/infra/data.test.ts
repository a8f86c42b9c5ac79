/** What becomes of data and logs in a stack: who can reach them, how long they stay, what removes them. */
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { type DeclaredStack, declare, readyImages } from "../support/declared.ts";
import { declareEverything } from "./everything.ts";

describe("a stack that holds data", () => {
  let stack: DeclaredStack;
  before(async () => {
    stack = await declareEverything();
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

  it("keeps every log for the days that are set", async () => {
    const brief = await declare({ config: { ...readyImages, logRetentionDays: "14" } });
    const kept = (declared: DeclaredStack) =>
      declared.all("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs["retentionInDays"]);
    expect([kept(stack), kept(brief)]).to.deep.equal([
      [90, 90],
      [14, 14],
    ]);
  });
});
