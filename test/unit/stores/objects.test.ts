import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { openObjects } from "../../../runner/stores/local/objects.ts";
import { itKeepsObjects, refusesOtherKeys, wholeObject } from "../../support/contracts/objects.ts";
import { bytes, collect, json, rejection } from "../../support/samples.ts";
import { startProgram } from "./program.ts";
import { sandbox } from "./sandbox.ts";

describe("objects in a directory", () => {
  const box = sandbox();

  itKeepsObjects(async () => (await box.stores()).objects);

  it("lie where they say", async () => {
    const { objects } = await box.stores();
    await objects.put(wholeObject);
    expect(await readFile(objects.location(wholeObject.key))).to.deep.equal(wholeObject.body);
  });

  it("never lie outside the directory", async () => {
    const { objects } = await box.stores();
    await refusesOtherKeys(objects, [".incoming/x"]);
    expect(await collect(objects.list(""))).to.deep.equal([]);
  });

  it("are listed in the order of their keys, with sizes, whatever the keys", async () => {
    const part = fc.stringMatching(/^[ab.0-]{1,3}$/).filter((text) => text !== "." && text !== "..");
    const key = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 12 }),
        fc.stringMatching(/^[ab.]{0,2}$/),
        async (keys, start) => {
          // a name can't be a file and a directory at once
          const possible = keys.filter((one) => !keys.some((other) => other.startsWith(`${one}/`)));
          const prefix = start === ".." || start === "." ? "" : start;
          const objects = openObjects(await box.directory());
          for (const one of possible) await objects.put({ key: one, body: bytes(one), contentType: json });
          const wanted = possible.filter((one) => one.startsWith(prefix)).toSorted((a, b) => (a < b ? -1 : 1));
          expect(await collect(objects.list(prefix))).to.deep.equal(
            wanted.map((one) => ({ key: one, bytes: one.length })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("leave no empty directories behind when they are removed, and can be put there again", async () => {
    const { objects, home } = await box.stores();
    for (const key of ["a/b/c/1", "a/d"]) await objects.put({ key, body: bytes(key), contentType: json });
    await objects.remove(["a/b/c/1"]);
    expect(await readdir(join(home.objects, "a"))).to.deep.equal(["d"]);
    await objects.remove(["a/d"]);
    expect((await readdir(home.objects)).filter((name) => name !== ".incoming")).to.deep.equal([]);
    await objects.put({ key: "a/b/c/1", body: bytes("again"), contentType: json });
    expect(await objects.get("a/b/c/1")).to.deep.equal(bytes("again"));
  });

  it("are always whole to readers while they are written again", async () => {
    const { objects } = await box.stores();
    const versions = ["a", "b"].map((letter) => Buffer.alloc(300_000, letter));
    const put = async (n: number) => objects.put({ key: "k", body: versions[n % 2] ?? bytes(""), contentType: json });
    await put(0);
    let writing = true;
    const writer = (async () => {
      for (let n = 0; n < 60; n += 1) await put(n);
      writing = false;
    })();
    const seen = new Set<string>();
    while (writing) {
      const read = Buffer.from((await objects.get("k")) ?? []);
      expect(versions.some((version) => version.equals(read))).to.equal(true);
      seen.add(read.toString("utf8", 0, 1));
    }
    await writer;
    expect([...seen].toSorted()).to.deep.equal(["a", "b"]);
  });

  it("are whole after kill -9, and the leftovers are swept", async () => {
    const directory = await box.directory();
    for (let round = 0; round < 3; round += 1) {
      const writer = startProgram("put-objects", directory);
      for (let lines = 0; lines < 5 + round * 3; lines += 1) await writer.line();
      await writer.kill();
      const objects = openObjects(directory);
      const listed = await collect(objects.list(""));
      expect(listed.length).to.be.at.least(5);
      for (const { key } of listed) {
        const body = Buffer.from((await objects.get(key)) ?? []);
        expect(body.equals(Buffer.alloc(1 << 20, body[0])), key).to.equal(true);
      }
      await writeFile(join(directory, ".incoming", "half"), "x");
      await objects.sweep();
      expect(await readdir(directory)).to.deep.equal(["plots"]);
    }
  });

  it("written many at once in one directory are all there", async () => {
    const { objects } = await box.stores();
    const keys = Array.from({ length: 200 }, (_, n) => `plots/m/C.${n % 5}/o${n}`);
    await Promise.all(keys.map((key) => objects.put({ key, body: bytes(key), contentType: json })));
    expect((await collect(objects.list("plots/"))).map(({ key }) => key)).to.have.members(keys);
  });

  it("say which file it was that could not be read or written", async () => {
    const { objects, home } = await box.stores();
    await mkdir(join(home.objects, "a", "b"), { recursive: true });
    const unreadable = await rejection(objects.get("a/b"));
    expect(unreadable).to.include({ name: "UnavailableError", code: "EISDIR", path: join(home.objects, "a/b") });
    await objects.put({ key: "file", body: bytes("x"), contentType: json });
    const unwritable = await rejection(objects.put({ key: "file/below", body: bytes("x"), contentType: json }));
    expect(unwritable).to.include({ name: "UnavailableError", path: join(home.objects, "file/below") });
    expect(unwritable.message).to.contain("a file lies where a directory should be");
  });
});
