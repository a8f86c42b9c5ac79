import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import { afterEach, it } from "mocha";
import { ledgerKeys } from "../../runner/layout.ts";
import type { Clients } from "../../runner/stores/aws/client.ts";
import { openInputs } from "../../runner/stores/aws/inputs.ts";
import type { Fault } from "../support/faulty-proxy.ts";
import { describeWithMoto } from "../support/moto.ts";
import { city, model, rejection, scenario, sha } from "../support/samples.ts";
import { skipFor } from "../support/skip.ts";
import { cloud } from "./cloud.ts";

const digest = (body: Buffer | string) => createHash("sha256").update(body).digest("hex");
const base = "simulations/ryan-white/base/C.1_base.Rdata";
const cessation = "simulations/ryan-white/prerun/C.1/cessation.Rdata";

describeWithMoto("inputs in S3", (moto) => {
  const aws = cloud(moto);
  const directories: string[] = [];
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
  });

  /** A bucket, a table, a directory; `open` gives inputs over them, each as another run would have them. */
  async function place() {
    const [bucket, table] = [await aws.bucket(), await aws.runsTable()];
    const directory = await mkdtemp(join(tmpdir(), "replot-inputs-"));
    directories.push(directory);
    const { s3 } = aws.clients();
    return {
      bucket,
      table,
      directory,
      open: (clients: Clients = aws.clients()) => openInputs(clients, { bucket, table, directory, model }),
      put: (key: string, body: Buffer | string, metadata?: Record<string, string>) =>
        s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, Metadata: metadata })),
      files: async () =>
        (await readdir(directory, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1)),
    };
  }

  it("are described with size and checksum; what is missing is absent", async () => {
    const { put, open } = await place();
    await put(base, "baseline");
    await put(cessation, "the cessation");
    await put("simulations/ryan-white/base/C.1_base.Rdata.bak", "another");
    expect(await open().describe(city("C.1"), [scenario("cessation"), scenario("brief")])).to.deep.equal({
      baseline: { path: base, bytes: 8, sha256: digest("baseline") },
      scenarios: new Map([["cessation", { path: cessation, bytes: 13, sha256: digest("the cessation") }]]),
    });
    expect(await open().describe(city("C.2"), [])).to.deep.equal({ baseline: undefined, scenarios: new Map() });
  });

  it("are read through once where nobody knows their checksum, and again once they have changed", async () => {
    const { put, open, table } = await place();
    const { clients, proxy } = await aws.faulty(() => undefined);
    const reads = () => proxy.calls.filter(({ method, url }) => method === "GET" && !url.includes("list-type")).length;
    await put(base, "one");
    await open(clients).describe(city("C.1"), []);
    expect(reads()).to.equal(1);
    expect((await open(clients).describe(city("C.1"), [])).baseline?.sha256).to.equal(digest("one"));
    expect(reads(), "remembered").to.equal(1);
    await put(base, "two");
    expect((await open(clients).describe(city("C.1"), [])).baseline?.sha256).to.equal(digest("two"));
    expect(reads()).to.equal(2);
    const { Item: item } = await clients.dynamodb.send(
      new GetItemCommand({ TableName: table, Key: marshall(ledgerKeys.input(base)) }),
    );
    expect(item?.["expires_at"]?.N, "forgotten in time").to.match(/^\d+$/);
  });

  it("are not read at all where S3, or whoever uploaded them, keeps a checksum of the whole", async () => {
    const { put, open } = await place();
    await put(base, "one", { sha256: digest("one") });
    const sent = Buffer.from(digest("from S3"), "hex").toString("base64");
    let headers: Record<string, string> = {};
    const { clients, proxy } = await aws.faulty(({ method }) =>
      method === "HEAD" ? { answer: (body) => body, headers } : undefined,
    );
    expect((await open(clients).describe(city("C.1"), [])).baseline?.sha256).to.equal(digest("one"));
    headers = { "x-amz-checksum-sha256": sent, "x-amz-checksum-type": "FULL_OBJECT" };
    expect((await open(clients).describe(city("C.1"), [])).baseline?.sha256).to.equal(digest("from S3"));
    // of parts: it says nothing about the bytes
    headers = { "x-amz-checksum-sha256": `${sent}-3`, "x-amz-checksum-type": "COMPOSITE" };
    expect((await open(clients).describe(city("C.1"), [])).baseline?.sha256).to.equal(digest("one"));
    expect(proxy.calls.map(({ method }) => method)).not.to.include("PUT");
    expect(proxy.calls.filter(({ target }) => target !== "S3")).to.deep.equal([]);
    expect(proxy.calls.some(({ headers }) => headers["x-amz-checksum-mode"] === "ENABLED")).to.equal(true);
  });

  it("lie where R finds and may read them from fetch to release, whatever the umask, and other files stay", async () => {
    const { put, open, directory, files } = await place();
    await put(base, "baseline");
    await put(cessation, "the cessation");
    const inputs = open();
    const described = await inputs.describe(city("C.1"), [scenario("cessation")]);
    const before = process.umask(0o077);
    try {
      await inputs.fetch(city("C.1"), described);
    } finally {
      process.umask(before);
    }
    expect(await readFile(join(directory, base), "utf8")).to.equal("baseline");
    expect(await readFile(join(directory, cessation), "utf8")).to.equal("the cessation");
    for (const file of [base, cessation]) expect((await stat(join(directory, file))).mode & 0o777).to.equal(0o644);
    for (const part of ["simulations", "simulations/ryan-white/prerun", "simulations/ryan-white/prerun/C.1"]) {
      expect((await stat(join(directory, part))).mode & 0o777, part).to.equal(0o755);
    }
    await put("simulations/ryan-white/base/C.2_base.Rdata", "other");
    await inputs.fetch(city("C.2"), await inputs.describe(city("C.2"), []));
    await inputs.release(city("C.1"));
    expect(await files()).to.deep.equal(["simulations/ryan-white/base/C.2_base.Rdata"]);
    await inputs.release(city("C.1"));
  });

  it("whose transfer breaks off, or stands still, are fetched again until they are whole", async () => {
    const { put, open, directory } = await place();
    const body = Buffer.alloc(3_000_000, "abcdefg");
    await put(base, body, { sha256: digest(body) });
    const faults: Fault[] = ["cut", { status: 503 }, "cut", "hang", "reset"];
    const { clients } = await aws.faulty(
      ({ method, url }) => (method === "GET" && !url.includes("list-type") ? faults.shift() : undefined),
      {
        silence: 500,
      },
    );
    const inputs = open(clients);
    await inputs.fetch(city("C.1"), await inputs.describe(city("C.1"), []));
    expect(digest(await readFile(join(directory, base)))).to.equal(digest(body));
    expect(faults).to.deep.equal([]);
    // a busy machine may stand still for as long as a transfer may
    expect(clients.usage().repeated).to.be.at.least(5);
  });

  it("that changed or went after they were described are refused in words, and leave nothing behind", async () => {
    const { put, open, files, bucket } = await place();
    await put(base, "one");
    await put(cessation, "the cessation");
    const inputs = open();
    const described = await inputs.describe(city("C.1"), [scenario("cessation")]);
    await put(base, "two");
    const changed = await rejection(inputs.fetch(city("C.1"), described));
    expect(changed).to.include({ name: "UnavailableError" });
    expect(changed.message).to.contain(`the input ${base} changed or was removed in bucket ${bucket}`);
    expect(await files()).to.deep.equal([]);
  });

  it("whose bytes are not those of the checksum beside them are refused, with what to do", async () => {
    const { put, open, files } = await place();
    await put(base, "one", { sha256: sha("a") });
    const inputs = open();
    const failed = await rejection(inputs.fetch(city("C.1"), await inputs.describe(city("C.1"), [])));
    expect(failed.message)
      .to.contain(`the input ${base}`)
      .and.contain("another checksum")
      .and.contain("replot data push");
    expect(await files()).to.deep.equal([]);
  });

  it("that the disk has no room for are not begun, and the message names need, room and setting", async () => {
    const { put, open, files } = await place();
    await put(base, "one", { sha256: digest("one") });
    const { clients } = await aws.faulty(({ method }) =>
      method === "HEAD" ? { answer: (body) => body, headers: { "content-length": "900000000000000" } } : undefined,
    );
    const inputs = open(clients);
    const failed = await rejection(inputs.fetch(city("C.1"), await inputs.describe(city("C.1"), [])));
    expect(failed.message).to.match(/need [\d.e+]+ GB/);
    expect(failed.message)
      .to.match(/has [\d.]+ [GM]B free/)
      .and.contain("pulumi config set ephemeralStorage");
    expect(await files()).to.deep.equal([]);
  });

  it("that fill the disk all the same are removed again, and the message is the same", async function () {
    const { put, bucket, table, directory, files } = await place();
    const small = join(directory, "small");
    await mkdir(small);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small], { stdio: "pipe" });
    } catch {
      return skipFor(this, "mounting a small file system needs root");
    }
    try {
      const body = Buffer.alloc(3_000_000, "x");
      await put(base, body, { sha256: digest(body) });
      const { clients } = await aws.faulty(({ method }) =>
        method === "HEAD" ? { answer: (body) => body, headers: { "content-length": "10" } } : undefined,
      );
      const inputs = openInputs(clients, { bucket, table, directory: small, model });
      const failed = await rejection(inputs.fetch(city("C.1"), await inputs.describe(city("C.1"), [])));
      expect(failed.message).to.contain("free; give the task more ephemeral storage");
      expect(await files()).to.deep.equal([]);
      expect(clients.usage().repeated).to.equal(0);
    } finally {
      execFileSync("umount", ["-l", small]);
    }
  });

  it("in a bucket that isn't there, or that may not be listed, are an error with the remedy", async () => {
    const { open, table, directory } = await place();
    const nowhere = openInputs(aws.clients(), { bucket: aws.name("nowhere"), table, directory, model });
    expect((await rejection(nowhere.describe(city("C.1"), []))).message).to.contain("there is no such bucket");
    const denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    const { clients } = await aws.faulty(() => ({ status: 403, body: denied }));
    expect((await rejection(open(clients).describe(city("C.1"), []))).message).to.contain("allow s3:ListBucket");
  });
});
