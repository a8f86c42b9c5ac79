import { createHash } from "node:crypto";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { it } from "mocha";
import { openObjects } from "../../runner/stores/aws/objects.ts";
import { itKeepsObjects, refusesOtherKeys, wholeObject } from "../support/contracts/objects.ts";
import { everyFifth } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { bytes, collect, json, rejection } from "../support/samples.ts";
import { cloud } from "./cloud.ts";

const denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
const s3Error = (code: string): string => `<Error><Code>${code}</Code><Message>please wait</Message></Error>`;

describeWithMoto("objects in S3", (moto) => {
  const aws = cloud(moto);

  itKeepsObjects(async () => openObjects(aws.clients(), await aws.bucket()));

  it("have beside them what readers need to know, and lie where the console shows them", async () => {
    const clients = aws.clients();
    const bucket = await aws.bucket();
    const objects = openObjects(clients, bucket);
    const { key } = wholeObject;
    await objects.put(wholeObject);
    expect(await clients.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).to.deep.include({
      ContentType: json,
      ContentEncoding: "gzip",
      CacheControl: "immutable",
      Metadata: { city: "C.1" },
    });
    expect(objects.location(key)).to.equal(
      `https://us-east-1.console.aws.amazon.com/s3/object/${bucket}?region=us-east-1&prefix=${key}`,
    );
  });

  it("are signed so that a server which checks signatures takes them, in one call each", async () => {
    const bucket = await aws.bucket();
    const iam = new IAMClient({ endpoint: moto.endpoint, region: "us-east-1" });
    const user = aws.name("user");
    await iam.send(new CreateUserCommand({ UserName: user }));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: user,
        PolicyName: "all",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
        }),
      }),
    );
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: user }));
    iam.destroy();
    const checkSignatures = (after: string) =>
      fetch(`${moto.endpoint}/moto-api/reset-auth`, { method: "POST", body: after });
    const before = { ...process.env };
    const as = (secret: string | undefined) =>
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: key?.AccessKeyId, AWS_SECRET_ACCESS_KEY: secret });
    const object = { key: "plots/m/C.1/s/o_facet-x.0.json", body: bytes("x"), contentType: json };
    await checkSignatures("0");
    try {
      as(key?.SecretAccessKey);
      const { clients, proxy } = await aws.faulty(() => undefined);
      await openObjects(clients, bucket).put({ ...object, metadata: { city: "C.1", "run-id": "a b" } });
      expect(proxy.calls).to.have.length(1);
      as("another");
      const refused = await rejection(openObjects(aws.clients(), bucket).put(object));
      expect(refused.message).to.contain("AWS refuses the signature");
    } finally {
      Object.assign(process.env, before);
      await checkSignatures("1000000000");
    }
  });

  it("are found by their whole keys only", async () => {
    const objects = openObjects(aws.clients(), await aws.bucket());
    await objects.put({ key: "a/b", body: bytes("x"), contentType: json });
    expect(await objects.get("a")).to.equal(undefined);
  });

  it("have keys that a layout makes, and no others", async () => {
    const { clients, proxy } = await aws.faulty(() => undefined);
    await refusesOtherKeys(openObjects(clients, "any"));
    expect(proxy.calls).to.have.length(0);
  });

  it("are sent with the SHA-256 of their bytes, and count only when S3 stored those", async () => {
    const bucket = await aws.bucket();
    const checksum = createHash("sha256").update("body").digest("base64");
    const { clients, proxy } = await aws.faulty(() => undefined);
    await openObjects(clients, bucket).put({ key: "k", body: bytes("body"), contentType: json });
    expect(proxy.calls[0]?.headers["x-amz-checksum-sha256"]).to.equal(checksum);
    expect(proxy.calls[0]?.body).to.equal("body");

    const other = await aws.faulty(() => ({ answer: (body) => body, headers: { "x-amz-checksum-sha256": "AAAA" } }));
    const unconfirmed = await rejection(
      openObjects(other.clients, bucket).put({ key: "k", body: bytes("body"), contentType: json }),
    );
    expect(unconfirmed).to.include({ name: "UnavailableError", exitCode: 3 });
    expect(unconfirmed.message).to.contain(
      `bucket ${bucket}, key k: stored with the checksum AAAA, sent with ${checksum}`,
    );

    const strict = await aws.faulty(() => ({ status: 400, body: s3Error("BadDigest") }));
    const refused = await rejection(
      openObjects(strict.clients, bucket).put({ key: "k", body: bytes("body"), contentType: json }),
    );
    expect(refused).to.include({ name: "UnavailableError", code: "BadDigest" });
    expect(refused.message).to.contain("another checksum than what was sent");
  });

  it("that were damaged on their way back are not taken for whole", async () => {
    const bucket = await aws.bucket();
    await openObjects(aws.clients(), bucket).put({ key: "k", body: bytes("body"), contentType: json });
    // S3 sends the checksum it stored; moto doesn't
    const headers = { "x-amz-checksum-sha256": createHash("sha256").update("body").digest("base64") };
    const { clients } = await aws.faulty(() => ({ answer: () => "bodx", headers }));
    const failed = await rejection(openObjects(clients, bucket).get("k"));
    expect(failed).to.include({ name: "UnavailableError" });
    expect(failed.message)
      .to.contain(`bucket ${bucket}, key k`)
      .and.match(/checksum/i);
  });

  it("whose transfer breaks off half way are fetched again", async () => {
    const bucket = await aws.bucket();
    const body = Buffer.alloc(300_000, "abc");
    await openObjects(aws.clients(), bucket).put({ key: "k", body, contentType: json });
    let cuts = 2;
    const { clients } = await aws.faulty(() => (cuts-- > 0 ? "cut" : undefined));
    expect(Buffer.from((await openObjects(clients, bucket).get("k")) ?? []).equals(body)).to.equal(true);
    const broken = await aws.faulty(() => "cut");
    expect(await rejection(openObjects(broken.clients, bucket).get("k"))).to.include({ name: "UnavailableError" });
  });

  it("are listed in the order of their keys, with sizes, over many pages, and removed in batches", async () => {
    const bucket = await aws.bucket();
    const { clients, proxy } = await aws.faulty(() => undefined);
    const objects = openObjects(clients, bucket);
    const keys = Array.from({ length: 1050 }, (_, n) => `plots/o${n}`);
    await Promise.all([...keys, "runs/x"].map((key) => objects.put({ key, body: bytes(key), contentType: json })));
    expect(await collect(objects.list("plots/"))).to.deep.equal(
      keys.toSorted().map((key) => ({ key, bytes: key.length })),
    );
    expect((await collect(objects.list("plots/o104"))).map(({ key }) => key)).to.deep.equal([
      "plots/o104",
      ...Array.from({ length: 10 }, (_, n) => `plots/o104${n}`),
    ]);
    await objects.remove([...keys, "never/there"]);
    expect((await collect(objects.list(""))).map(({ key }) => key)).to.deep.equal(["runs/x"]);
    expect(proxy.calls.filter(({ url }) => url.includes("delete"))).to.have.length(2);
  });

  it("that can't be removed are named, and those that can go at the second attempt go", async () => {
    const bucket = await aws.bucket();
    const keys = ["a", "b", "c", "d", "e"];
    const answers = [
      '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Error><Key>e</Key><Code>InternalError</Code></Error>' +
        ["a", "b", "c", "d"]
          .map((key) => `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>no</Message></Error>`)
          .join("") +
        "</DeleteResult>",
    ];
    const { clients, proxy } = await aws.faulty(({ url }) => {
      const answer = url.includes("delete") ? answers.shift() : undefined;
      return answer === undefined ? undefined : { answer: () => answer };
    });
    const objects = openObjects(clients, bucket);
    const failed = await rejection(objects.remove(keys));
    expect(failed).to.include({ name: "UnavailableError" });
    expect(failed.message)
      .to.contain(`4 of 5 objects of bucket ${bucket}: a: AccessDenied (no); b:`)
      .and.contain("1 more");
    expect(proxy.calls).to.have.length(2);
    expect(proxy.calls[1]?.body).to.contain("<Key>e</Key>").and.not.contain("<Key>a</Key>");
  });

  it("in a bucket that isn't there are an error with the remedy, whatever is asked", async () => {
    const bucket = aws.name("nowhere");
    const objects = openObjects(aws.clients(), bucket);
    const asked = {
      put: () => objects.put({ key: "k", body: bytes("x"), contentType: json }),
      get: () => objects.get("k"),
      has: () => objects.has("k"),
      list: () => collect(objects.list("")),
      remove: () => objects.remove(["k"]),
    };
    for (const [what, ask] of Object.entries(asked)) {
      const failed = await rejection(ask());
      expect(failed, what).to.include({ name: "UnavailableError", exitCode: 3, code: "NoSuchBucket" });
      expect(failed.message, what).to.contain(`bucket ${bucket}`).and.contain("pulumi up");
    }
  });

  it("behind a refusal name action, bucket and key, without further attempts", async () => {
    const { clients, proxy } = await aws.faulty(({ method }) => ({
      status: 403,
      body: method === "HEAD" ? "" : denied,
    }));
    const objects = openObjects(clients, "theirs");
    const told = {
      "s3:PutObject failed for bucket theirs, key k": () =>
        objects.put({ key: "k", body: bytes("x"), contentType: json }),
      "s3:GetObject failed for bucket theirs, key k": () => objects.get("k"),
      "s3:GetObject failed for bucket theirs, key h": () => objects.has("h"),
      "s3:ListBucket failed for bucket theirs": () => collect(objects.list("")),
      "s3:DeleteObject failed for bucket theirs": () => objects.remove(["k"]),
    };
    for (const [words, asked] of Object.entries(told)) {
      const failed = await rejection(asked());
      expect(failed).to.include({ name: "UnavailableError", exitCode: 3 });
      expect(failed.message).to.contain(words).and.contain("access denied; let the role or user allow");
    }
    // one each, and the PUT again through the SDK, which has the words
    expect(proxy.calls).to.have.length(6);
  });

  it("with expired credentials say so", async () => {
    const { clients } = await aws.faulty(() => ({ status: 400, body: s3Error("ExpiredToken") }));
    const failed = await rejection(openObjects(clients, "b").get("k"));
    expect(failed).to.include({ name: "UnavailableError", code: "ExpiredToken" });
    expect(failed.message).to.contain("the credentials have expired").and.contain("aws sts get-caller-identity");
  });

  it("all arrive though a fifth of all calls fails, over few connections, and repetitions are counted", async () => {
    const bucket = await aws.bucket();
    const { clients, proxy } = await aws.faulty(
      everyFifth([
        { status: 500, body: s3Error("InternalError") },
        { status: 503, body: s3Error("SlowDown") },
        "reset",
        "lost answer",
      ]),
      { connections: 16 },
    );
    const objects = openObjects(clients, bucket);
    const keys = Array.from({ length: 200 }, (_, n) => `plots/o${n}`);
    await Promise.all(keys.map((key) => objects.put({ key, body: bytes(key), contentType: json })));
    const found = await collect(openObjects(aws.clients(), bucket).list("plots/"));
    expect(found.map(({ key }) => key)).to.have.members(keys);
    expect(proxy.faults()).to.be.at.least(50);
    expect(clients.repetitions()).to.be.at.least(proxy.faults());
    for (const key of keys) expect(Buffer.from((await objects.get(key)) ?? []).toString()).to.equal(key);
  });

  it("survive an outage of everything that the SDK's own quota would not", async () => {
    const bucket = await aws.bucket();
    const attempts = new Map<string, number>();
    // each call of a hundred fails four times: 400 repetitions, and 500 tokens would pay for 35 to 100
    const { clients } = await aws.faulty(({ url }) => {
      const path = url.split("?")[0] ?? "";
      const made = (attempts.get(path) ?? 0) + 1;
      attempts.set(path, made);
      return made <= 4 ? { status: 503, body: s3Error("SlowDown") } : undefined;
    });
    const objects = openObjects(clients, bucket);
    const keys = Array.from({ length: 100 }, (_, n) => `o${n}`);
    await Promise.all(keys.map((key) => objects.put({ key, body: bytes(key), contentType: json })));
    // a busy machine adds repetitions of its own
    expect(clients.repetitions()).to.be.at.least(400);
  });

  it("arrive though calls get no answer at first", async () => {
    const bucket = await aws.bucket();
    const hung = new Set<string>();
    const { clients } = await aws.faulty(
      ({ method }) => {
        if (hung.has(method)) return undefined;
        hung.add(method);
        return "hang";
      },
      { silence: 300 },
    );
    const objects = openObjects(clients, bucket);
    await objects.put({ key: "k", body: bytes("x"), contentType: json });
    expect(Buffer.from((await objects.get("k")) ?? []).toString()).to.equal("x");
    expect(clients.repetitions()).to.be.at.least(2);
  });

  it("are given up after ten attempts, with their number", async () => {
    const { clients, proxy } = await aws.faulty(() => ({ status: 503, body: s3Error("SlowDown") }));
    const failed = await rejection(openObjects(clients, "b").get("k"));
    expect(failed).to.include({ name: "UnavailableError", code: "SlowDown" });
    expect(failed.message).to.contain("s3:GetObject failed for bucket b, key k (10 attempts): SlowDown: please wait");
    expect(proxy.calls).to.have.length(10);
  });

  it("go over connections that are kept", async () => {
    const bucket = await aws.bucket();
    const { clients, proxy } = await aws.faulty(() => undefined, { connections: 4 });
    const objects = openObjects(clients, bucket);
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => objects.put({ key: `k${n}`, body: bytes("x"), contentType: json })),
    );
    expect(proxy.connections()).to.be.at.most(4);
  });
});
