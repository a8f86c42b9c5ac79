/** `replot data push`: a real process against moto. */
import { createHash } from "node:crypto";
import { appendFile, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { it } from "mocha";
import { openClients } from "../../runner/stores/aws/client.ts";
import { weatherCatalog } from "../support/installation.ts";
import { describeWithMoto } from "../support/moto.ts";
import { until } from "../support/until.ts";
import { weatherStack } from "./weather.ts";

describeWithMoto("replot data push", (moto) => {
  const own = weatherStack(moto, "here alone");
  const { proxied, replot } = own;

  const push = (args: readonly string[] = [], endpoint?: string) =>
    replot(["data", "push", own.here.data, "--stack", own.stack.file, "--catalog", weatherCatalog, ...args], endpoint);
  const s3 = () => openClients({ endpoint: moto.endpoint, region: "us-east-1" }).s3;
  const Bucket = () => own.stack.deployment.dataBucket;
  const keys = async () =>
    ((await s3().send(new ListObjectsV2Command({ Bucket: Bucket() }))).Contents ?? []).map(({ Key = "" }) => Key);
  const anyFile = "simulations/weather/base/S.1_base.Rdata";

  it("uploads what the catalog names, with checksums, and the next time only what has changed", async () => {
    await writeFile(join(own.here.data, "simulations/weather/notes.txt"), "mine");
    const dry = await push(["--dry-run"]).ended;
    expect(dry.code, dry.stderr).to.equal(0);
    expect(dry.stdout).to.match(/^Would upload 9 files \(1\.33 kB\) to bucket /);
    expect(await keys()).to.deep.equal([]);

    const first = await push().ended;
    expect(first.code, first.stderr).to.equal(0);
    expect(first.stdout).to.match(/^Uploaded 9 files \(1\.33 kB\) to bucket .*; 0 already there\./);
    expect(first.stdout).to.match(/Not uploaded, not named in the catalog: simulations\/weather\/notes\.txt\n/);
    expect(await keys())
      .to.have.length(9)
      .and.not.include("simulations/weather/notes.txt");
    const bytes = await readFile(join(own.here.data, anyFile));
    const stored = await s3().send(new GetObjectCommand({ Bucket: Bucket(), Key: anyFile }));
    expect(Buffer.from((await stored.Body?.transformToByteArray()) ?? [])).to.deep.equal(bytes);
    expect(stored.Metadata).to.deep.equal({ sha256: createHash("sha256").update(bytes).digest("hex") });

    await appendFile(join(own.here.data, anyFile), "more");
    await rm(join(own.here.data, "simulations/weather/prerun/S.2"), { recursive: true });
    const second = await push(["--json"]).ended;
    expect(second.code, second.stderr).to.equal(0);
    const pushed = JSON.parse(second.stdout);
    expect(pushed.uploaded).to.deep.equal([anyFile]);
    expect(pushed.unchanged).to.have.length(6);
    expect(pushed.missing, "what is in the bucket alone is not missing").to.deep.equal([]);
  });

  it("gets through though connections break and the service is busy", async () => {
    let calls = 0;
    const faults = ["reset", { status: 503 }, "lost answer", { status: 500 }] as const;
    const { endpoint } = await proxied(own.stack, ({ method }) =>
      method === "PUT" && calls++ % 2 === 0 ? faults[(calls >> 1) % 4] : undefined,
    );
    const { code, stderr } = await push([], endpoint).ended;
    expect(code, stderr).to.equal(0);
    expect(await keys()).to.have.length(9);
    expect(stderr).not.to.match(/non-retryable/);
  });

  it("refuses a file that somebody writes to, and stores nothing of it", async () => {
    const file = join(own.here.data, anyFile);
    await writeFile(file, Buffer.alloc(40_000_000, 1));
    const { endpoint } = await proxied(own.stack);
    // as a program does that writes its results again and again
    let writing = true;
    const writer = (async () => {
      const handle = await open(file, "r+");
      for (let n = 0; writing; n++) {
        await handle.write(Buffer.from([n % 256]), 0, 1, 39_999_999);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await handle.close();
    })();
    const { code, stdout, stderr } = await push([], endpoint).ended;
    writing = false;
    await writer;
    expect(code, stderr).to.equal(1);
    expect(stdout).to.include(`Not uploaded: ${anyFile}: it changed while it was uploaded`);
    expect(await keys())
      .to.have.length(8)
      .and.not.include(anyFile);
  });

  it("keeps its memory flat", async () => {
    const file = join(own.here.data, anyFile);
    const handle = await open(file, "w");
    await handle.truncate(400_000_000);
    await handle.close();
    const running = push();
    let most = 0;
    await until("the upload to end", async () => {
      const status = await readFile(`/proc/${running.process.pid}/status`, "utf8").catch(() => "");
      most = Math.max(most, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0));
      return running.process.exitCode !== null;
    });
    const { code, stderr } = await running.ended;
    expect(code, stderr).to.equal(0);
    const seen = await s3().send(new HeadObjectCommand({ Bucket: Bucket(), Key: anyFile }));
    expect(seen.ContentLength).to.equal(400_000_000);
    expect(most, "kB").to.be.lessThan(300_000).and.greaterThan(50_000);
  });

  it("says what is wrong with a directory without simulations, and with a bucket that is gone", async () => {
    await rename(join(own.here.data, "simulations"), join(own.here.data, "simulation"));
    const none = await push().ended;
    expect(none.code).to.equal(2);
    expect(none.stderr).to.match(/no directory simulations\/ in .*data/);
    await mkdir(join(own.here.data, "simulations/other"), { recursive: true });
    await writeFile(join(own.here.data, "simulations/other/S.1_base.Rdata"), "");
    const other = await push().ended;
    expect(other.code).to.equal(2);
    expect(other.stderr).to.match(/none of the 1 file below .* such as simulations\/weather\/base\/S\.1_base\.Rdata/);
    await rm(join(own.here.data, "simulations"), { recursive: true });
    await rename(join(own.here.data, "simulation"), join(own.here.data, "simulations"));
    await writeFile(own.stack.file, JSON.stringify({ ...own.stack.deployment, dataBucket: "replot-nowhere" }));
    const gone = await push().ended;
    expect(gone.code).to.equal(3);
    expect(gone.stderr).to.match(
      /s3:ListBucket failed for bucket replot-nowhere: there is no such bucket; run `pulumi up`/,
    );
  });
});
