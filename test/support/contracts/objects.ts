/** What every store of objects promises, whatever keeps it. */
import { expect } from "chai";
import { it } from "mocha";
import type { NewObject, ObjectStore } from "../../../runner/stores/ports.ts";
import { bytes, collect, json, rejection } from "../samples.ts";

/** With bytes that text would not survive, and everything else an object may have. */
export const wholeObject = {
  key: "plots/m/C.1/s/o.json",
  body: Buffer.from([0, 1, 2, 255, 13, 10]),
  contentType: json,
  contentEncoding: "gzip",
  cacheControl: "immutable",
  metadata: { city: "C.1" },
} as const satisfies NewObject;

/** Nothing is done with keys that no layout makes. @param others that this store keeps for itself */
export async function refusesOtherKeys(objects: ObjectStore, others: readonly string[] = []): Promise<void> {
  for (const key of ["../x", "a/../../x", "/etc/x", "a//b", "", "a/./b", "a b", "a+b", "a/", "ä", ...others]) {
    for (const call of [objects.put({ key, body: bytes("x"), contentType: json }), objects.get(key)]) {
      expect((await rejection(call)).message, key).to.contain("not an object key");
    }
    await rejection(objects.remove([key]));
  }
}

/** Registers the tests. @param open makes an empty store for one test */
export function itKeepsObjects(open: () => Promise<ObjectStore>): void {
  it("come back byte for byte", async () => {
    const objects = await open();
    const { key, body } = wholeObject;
    await objects.put(wholeObject);
    expect(Buffer.from((await objects.get(key)) ?? []).equals(body)).to.equal(true);
    expect(await objects.has(key)).to.equal(true);
  });

  it("that are not there are undefined, whatever else lies there", async () => {
    const objects = await open();
    await objects.put({ key: "a/b", body: bytes("x"), contentType: json });
    for (const key of ["c", "a/b/c", "a/c"]) {
      expect(await objects.get(key), key).to.equal(undefined);
      expect(await objects.has(key), key).to.equal(false);
    }
    expect(await objects.has("a")).to.equal(false);
  });

  it("are listed below a prefix that ends within a name, and nowhere else", async () => {
    const objects = await open();
    for (const key of ["runs/2026-1/a", "runs/2026-11/b", "runs/2026-12/c", "plots/d"]) {
      await objects.put({ key, body: bytes(key), contentType: json });
    }
    const keys = async (prefix: string) => (await collect(objects.list(prefix))).map(({ key }) => key);
    expect(await keys("runs/2026-1")).to.deep.equal(["runs/2026-1/a", "runs/2026-11/b", "runs/2026-12/c"]);
    expect(await keys("runs/2026-11/")).to.deep.equal(["runs/2026-11/b"]);
    expect(await keys("nothing/")).to.deep.equal([]);
  });

  it("go when they are removed, twice without harm, and can be put again", async () => {
    const objects = await open();
    for (const key of ["a/b/c/1", "a/b/c/2", "a/d"]) await objects.put({ key, body: bytes(key), contentType: json });
    await objects.remove(["a/b/c/1"]);
    expect((await collect(objects.list(""))).map(({ key }) => key)).to.deep.equal(["a/b/c/2", "a/d"]);
    await objects.remove(["a/b/c/2", "a/b/c/1", "never/there"]);
    await objects.remove([]);
    expect(await collect(objects.list(""))).to.deep.equal([{ key: "a/d", bytes: 3 }]);
    await objects.put({ key: "a/b/c/1", body: bytes("again"), contentType: json });
    expect(Buffer.from((await objects.get("a/b/c/1")) ?? []).toString()).to.equal("again");
  });
}
