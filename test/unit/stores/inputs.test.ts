import { createHash } from "node:crypto";
import { appendFile, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openChecksums } from "../../../runner/stores/local/checksums.ts";
import { openDatabase } from "../../../runner/stores/local/database.ts";
import { city, rejection, scenario, sha } from "../../support/samples.ts";
import { sandbox } from "./sandbox.ts";

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

describe("inputs in a directory", () => {
  const box = sandbox();

  async function write(data: string, path: string, text: string): Promise<string> {
    const whole = join(data, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, text);
    return whole;
  }
  const base = "simulations/ryan-white/base/C.1_base.Rdata";
  const cessation = "simulations/ryan-white/prerun/C.1/cessation.Rdata";

  it("are described with size and checksum, from the directory the user gave", async () => {
    const data = await box.directory();
    await write(data, base, "baseline");
    await write(data, cessation, "the cessation");
    const { inputs } = await box.stores({ dataDirectory: data });
    expect(await inputs.describe(city("C.1"), [scenario("cessation")])).to.deep.equal({
      baseline: { path: base, bytes: 8, sha256: digest("baseline") },
      scenarios: new Map([["cessation", { path: cessation, bytes: 13, sha256: digest("the cessation") }]]),
    });
  });

  it("that are missing are absent, also where a link leads nowhere or the directory is not there", async () => {
    const data = await box.directory();
    await mkdir(dirname(join(data, base)), { recursive: true });
    await symlink("nowhere", join(data, base));
    const { inputs } = await box.stores({ dataDirectory: data });
    expect(await inputs.describe(city("C.1"), [scenario("brief")])).to.deep.equal({
      baseline: undefined,
      scenarios: new Map(),
    });
    const other = await box.stores({ dataDirectory: join(data, "none") });
    expect((await other.inputs.describe(city("C.1"), [])).baseline).to.equal(undefined);
  });

  it("that change are described anew, and what fetch and release leave alone stays", async () => {
    const stores = await box.stores();
    await write(stores.dataDirectory, base, "one");
    const before = await stores.inputs.describe(city("C.1"), []);
    await stores.inputs.fetch(city("C.1"), before);
    await write(stores.dataDirectory, base, "two");
    await stores.inputs.release(city("C.1"));
    expect((await stores.inputs.describe(city("C.1"), [])).baseline?.sha256).to.equal(digest("two"));
  });

  it("that are directories are an error that names them", async () => {
    const stores = await box.stores();
    await mkdir(join(stores.dataDirectory, base), { recursive: true });
    const failed = await rejection(stores.inputs.describe(city("C.1"), []));
    expect(failed).to.include({ name: "UnavailableError", code: "EISDIR" });
    expect(failed.message).to.contain(`could not read the input ${join(stores.dataDirectory, base)}`);
  });

  it("that grow while they are read are an error in the end", async () => {
    const stores = await box.stores();
    const path = await write(stores.dataDirectory, base, "x".repeat(30_000_000));
    let reading = true;
    const writer = (async () => {
      while (reading) await appendFile(path, "x");
    })();
    const failed = await rejection(stores.inputs.describe(city("C.1"), [])).finally(() => {
      reading = false;
      return writer;
    });
    expect(failed).to.include({ name: "UnavailableError" });
    expect(failed.message).to.contain(`the input ${path} changes while it is read`);
  });

  describe("checksums remembered", () => {
    const modified = new Date("2020-11-01T09:00:00Z");

    async function remembered(age: number) {
      const directory = await box.directory();
      const path = await write(directory, "input", "content");
      await utimes(path, modified, modified);
      const database = await openDatabase(join(directory, "replot.sqlite"));
      box.afterwards(async () => database.close());
      const checksums = openChecksums(database, () => Date.now() + age);
      const first = await checksums.of(path);
      expect(first).to.deep.equal({ bytes: 7, sha256: digest("content") });
      // a checksum that no content has shows where an answer comes from
      const other = new DatabaseSync(database.path);
      other.prepare("UPDATE input_checksums SET sha256 = ?").run(sha("b"));
      other.close();
      return { path, checksums };
    }

    it("are used as long as the file is the same", async () => {
      const { path, checksums } = await remembered(60_000);
      expect((await checksums.of(path))?.sha256).to.equal(sha("b"));
    });

    it("are dropped when its times change, though its size does not", async () => {
      const { path, checksums } = await remembered(60_000);
      await utimes(path, new Date(), new Date(Date.now() - 5000));
      expect((await checksums.of(path))?.sha256).to.equal(digest("content"));
    });

    it("are dropped when its content changes, though size and time of change were set back", async () => {
      const { path, checksums } = await remembered(60_000);
      await writeFile(path, "CONTENT");
      await utimes(path, modified, modified);
      expect((await checksums.of(path))?.sha256).to.equal(digest("CONTENT"));
    });

    it("are not made of a file so young that it could change unseen", async () => {
      const { path, checksums } = await remembered(0);
      expect((await checksums.of(path))?.sha256).to.equal(digest("content"));
    });
  });
});
