import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { pinKeys, runKeys } from "../../../runner/layout.ts";
import {
  readIndexSnapshot,
  readManifest,
  storedRuns,
  writeIndexSnapshot,
  writeManifest,
} from "../../../runner/publish/manifest.ts";
import type { ManifestLine } from "../../../runner/records.ts";
import { bytes, collect, indexRow, json, plot, rejection, runId, sha } from "../../support/samples.ts";
import { sandbox } from "../stores/sandbox.ts";

const run = runId(1);
const key = runKeys.manifest(run);

const line = (n: number, change: Partial<ManifestLine> = {}): ManifestLine => ({
  ...plot(`C.${n}`),
  status: "changed",
  key: `plots/ryan-white/C.${n}/x.json`,
  sha256: sha("a"),
  bytes: n,
  ...change,
});

describe("manifest", () => {
  const box = sandbox();

  it("is gzipped lines of JSON, one per plot, and reads back as it was", async () => {
    const { objects } = await box.stores();
    const lines = [
      line(1),
      { ...plot("C.2", "age+race"), status: "missing", reason: "scenario file missing" } as const,
    ];
    await writeManifest(objects, run, lines);
    const text = gunzipSync((await objects.get(key)) ?? bytes("")).toString();
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((one) => JSON.parse(one)),
    ).to.deep.equal(lines);
    expect(await collect(readManifest(objects, run))).to.deep.equal(lines);
  });

  it("of no plots at all reads back as no plots", async () => {
    const { objects } = await box.stores();
    await writeManifest(objects, run, []);
    expect(await collect(readManifest(objects, run))).to.deep.equal([]);
  });

  it("reads back whatever the reasons in it hold, across the borders of its chunks", async () => {
    const { objects } = await box.stores();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "grapheme", maxLength: 20 }), { maxLength: 5 }), async (reasons) => {
        // the long ones fill several chunks with characters of several bytes
        const lines = reasons.map((reason, n) => line(n, { status: "missing", reason: reason + "€\n".repeat(40_000) }));
        await writeManifest(objects, run, lines);
        expect(await collect(readManifest(objects, run))).to.deep.equal(lines);
      }),
      { numRuns: 20 },
    );
  });

  it("that is missing is named", async () => {
    const { objects } = await box.stores();
    const failed = await rejection(collect(readManifest(objects, run)));
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3 });
    expect(failed.message).to.contain(objects.location(key));
  });

  describe("damaged, is refused:", () => {
    const whole = [1, 2, 3].map((n) => `${JSON.stringify(line(n))}\n`).join("");
    const cases: readonly [string, Uint8Array, string][] = [
      ["cut off", gzipSync(whole).subarray(0, 60), `${key} is damaged`],
      ["not gzip", bytes(whole), `${key} is damaged`],
      ["one bit flipped", gzipSync(whole).map((byte, at) => (at === 50 ? byte ^ 4 : byte)), key],
      ["last line cut off", gzipSync(whole.slice(0, -20)), `${key} is damaged (its last line is cut off)`],
      ["no JSON in line 2", gzipSync(whole.replace('\n{"city"', '\n{city"')), `${key}:2: expected a line of JSON`],
      ["other fields in line 3", gzipSync(whole.replace('"bytes":3', '"bytes":"3"')), `${key}:3: bytes:`],
      ["an empty line", gzipSync(`\n${whole}`), `${key}:1: expected a line of JSON`],
    ];
    for (const [what, body, message] of cases) {
      it(what, async () => {
        const { objects } = await box.stores();
        await objects.put({ key, body, contentType: json });
        const failed = await rejection(collect(readManifest(objects, run)));
        expect(failed).to.include({ name: "UnavailableError" });
        expect(failed.message).to.contain(message);
      });
    }
  });
});

describe("snapshot of the index", () => {
  const box = sandbox();

  it("has every row as it was when it was taken", async () => {
    const { objects, index } = await box.stores();
    const rows = ["C.1", "C.2", "C.3"].map((code) => indexRow(plot(code, "sex"), sha("a")));
    await index.write(rows);
    await writeIndexSnapshot(objects, run, index);
    await index.write([], rows);
    expect(await collect(readIndexSnapshot(objects, run))).to.deep.equal(rows);
  });

  it("and manifest tell which runs are stored, and which are pinned", async () => {
    const { objects, index } = await box.stores();
    await writeManifest(objects, runId(1), []);
    await writeIndexSnapshot(objects, runId(1), index);
    await writeManifest(objects, runId(12), []);
    await writeIndexSnapshot(objects, runId(3), index);
    for (const other of [runKeys.summary(runId(4)), "runs/notes/plots.ndjson.gz", "runs/readme"]) {
      await objects.put({ key: other, body: bytes("x"), contentType: json });
    }
    await objects.put({ key: pinKeys.index(runId(2)), body: bytes("x"), contentType: json });
    expect(await storedRuns(objects)).to.deep.equal([
      { run: runId(12), manifest: true, snapshot: false, pinned: false },
      { run: runId(3), manifest: false, snapshot: true, pinned: false },
      { run: runId(2), manifest: false, snapshot: true, pinned: true },
      { run: runId(1), manifest: true, snapshot: true, pinned: false },
    ]);
  });
});
