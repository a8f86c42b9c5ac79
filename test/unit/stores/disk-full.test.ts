import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { messageOf } from "../../../runner/errors.ts";
import { collect, indexRow, json, plot, rejection, sha } from "../../support/samples.ts";
import { sandbox } from "./sandbox.ts";

/** Why no small file system can be mounted here, if none can. */
function noMount(): string | undefined {
  if (process.getuid?.() !== 0) return "mounting a tmpfs needs root";
  const directory = mkdtempSync(join(tmpdir(), "replot-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory], { stdio: "pipe" });
    execFileSync("umount", [directory], { stdio: "pipe" });
    return undefined;
  } catch (thrown) {
    return `no tmpfs can be mounted: ${messageOf(thrown).split("\n")[0]}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const reason = noMount();
const suite = reason === undefined ? describe : describe.skip;

suite(`full disk${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  const box = sandbox();

  async function smallDisk(size: string): Promise<string> {
    const directory = await box.directory();
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory]);
    box.afterwards(async () => execFileSync("umount", ["-l", directory]));
    return join(directory, "home");
  }

  it("refuses an object in those words, keeps the others and leaves nothing half written", async () => {
    const stores = await box.stores({ home: await smallDisk("4m") });
    const body = Buffer.alloc(1 << 20, 7);
    let failed: Awaited<ReturnType<typeof rejection>> | undefined;
    let stored = 0;
    for (; failed === undefined; stored += 1) {
      await stores.objects.put({ key: `k${stored}`, body, contentType: json }).catch(async (thrown: unknown) => {
        failed = await rejection(Promise.reject(thrown));
      });
    }
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "ENOSPC" });
    expect(failed.message).to.contain(`could not write ${stores.objects.location(`k${stored - 1}`)}: disk full`);
    expect(stored).to.be.at.least(2);
    expect(await collect(stores.objects.list(""))).to.deep.equal(
      Array.from({ length: stored - 1 }, (_, n) => ({ key: `k${n}`, bytes: 1 << 20 })),
    );
    expect(readdirSync(join(stores.home.objects, ".incoming"))).to.deep.equal([]);
    await stores.objects.remove(["k0"]);
    await stores.objects.put({ key: "k9", body, contentType: json });
  });

  it("refuses rows in those words, keeps the others, and takes them once there is room", async () => {
    const stores = await box.stores({ home: await smallDisk("2m") });
    const row = indexRow(plot("C.1"), sha("a"));
    await stores.index.write([row]);
    const filler = join(stores.home.work, "filler");
    await writeFile(filler, Buffer.alloc(4 << 20)).catch(() => {});
    const many = Array.from({ length: 500 }, (_, n) => indexRow(plot("C.2", `f${n}`), sha("b")));
    const failed = await rejection(stores.index.write(many));
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "ENOSPC" });
    expect(failed.message).to.contain(stores.home.database).and.contain("disk full");
    expect(await collect(stores.index.all())).to.deep.equal([row]);
    await rm(filler);
    await stores.index.write(many);
    expect(await collect(stores.index.all())).to.have.length(501);
  });
});
