import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { describe, it } from "mocha";
import { runKeys } from "../../../runner/layout.ts";
import { writeManifest } from "../../../runner/publish/manifest.ts";
import { remedies } from "../../../runner/publish/remedy.ts";
import { rollback } from "../../../runner/publish/rollback.ts";
import { verifyRun } from "../../../runner/publish/verify.ts";
import type { LocalStores } from "../../../runner/stores/local/open.ts";
import { indexRow, json, model, plot, rejection, runId, runRecord, sha } from "../../support/samples.ts";
import { sandbox } from "../stores/sandbox.ts";
import { keyOf, publishRun } from "./history.ts";

const first = plot("C.1");
const second = plot("C.1", "age+race");
const third = plot("C.2", "sex", "brief");

const typing = { startCommand: "start", command: (words: string) => `replot ${words}` } as const;

describe("verify", () => {
  const box = sandbox();

  async function published(): Promise<LocalStores> {
    const stores = await box.stores();
    await publishRun(stores, runId(1), [
      { plot: first, content: "first figure" },
      { plot: second, content: "second figure" },
      { plot: third, content: "third figure" },
    ]);
    return stores;
  }

  it("finds nothing where everything is as it was left, and says how much it read", async () => {
    const stores = await published();
    const seen: [number, number][] = [];
    const report = await verifyRun(stores, runId(1), { onProgress: (...progress) => seen.push(progress) });
    expect(report).to.deep.equal({
      run: runId(1),
      latest: true,
      rowsOf: runId(1),
      plots: 3,
      objects: 3,
      bytes: "first figure".length + "second figure".length + "third figure".length,
      findings: [],
    });
    expect(seen).to.deep.equal([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(remedies(report, () => runRecord(runId(1)).request, typing)).to.deep.equal([]);
  });

  const damages: readonly [string, (path: string) => Promise<unknown>, string, RegExp][] = [
    ["deleted", (path) => rm(path), "missing object", /missing object/],
    ["other content", (path) => writeFile(path, gzipSync("FIRST figure")), "altered object", /its checksum differs/],
    ["shorter", (path) => writeFile(path, gzipSync("first")), "altered object", /5 bytes instead of 12/],
    ["longer", (path) => writeFile(path, gzipSync("first figure and more")), "altered object", /more than 12 bytes/],
    [
      "cut off",
      (path) => writeFile(path, gzipSync("first figure").subarray(0, 20)),
      "altered object",
      /not whole gzip/,
    ],
    ["emptied", (path) => writeFile(path, ""), "altered object", /not whole gzip data|0 bytes instead of 12/],
    ["no gzip", (path) => writeFile(path, "first figure"), "altered object", /not whole gzip data/],
  ];
  for (const [what, damage, kind, words] of damages) {
    it(`names an object that was ${what}, and what mends it`, async () => {
      const stores = await published();
      const key = keyOf(first, "first figure");
      await damage(stores.objects.location(key));
      const report = await verifyRun(stores, runId(1));
      expect(report.objects).to.equal(2);
      expect(report.findings).to.have.length(1);
      expect(report.findings[0]).to.include({ kind, city: "C.1", key, live: true });
      expect(report.findings[0]?.message)
        .to.match(words)
        .and.contain("C.1/cessation/incidence (mean.and.interval, none)")
        .and.contain(key);
      expect(remedies(report, () => runRecord(runId(1)).request, typing)).to.deep.equal([
        "Draw them again:   replot start full --city C.1 --force",
      ]);
    });
  }

  it("goes on past an object that can't be read", async () => {
    const stores = await published();
    const path = stores.objects.location(keyOf(first, "first figure"));
    if (process.getuid?.() === 0) {
      // root reads everything but a directory
      await rm(path);
      await mkdir(path);
    } else {
      await chmod(path, 0o000);
    }
    const report = await verifyRun(stores, runId(1));
    expect(report.findings.map(({ kind }) => kind)).to.deep.equal(["unreadable object"]);
    expect(report.objects).to.equal(2);
  });

  it("names rows of the latest run that are gone, changed, or too many", async () => {
    const stores = await box.stores();
    await publishRun(stores, runId(1), [
      { plot: first, content: "first figure" },
      { plot: second, content: "second figure" },
      { plot: third, content: undefined },
    ]);
    await stores.index.write(
      [indexRow(first, sha("b"), { run_id: runId(9) }), indexRow(third, sha("c"), { run_id: runId(9) })],
      [indexRow(second, sha("a"))],
    );
    const report = await verifyRun(stores, runId(1));
    expect(report.findings.map(({ kind, plot: named }) => `${kind}: ${named}`)).to.deep.equal([
      "row points elsewhere: C.1/cessation/incidence (mean.and.interval, none)",
      "no row: C.1/cessation/incidence (mean.and.interval, age+race)",
      "unexpected row: C.2/brief/incidence (mean.and.interval, sex)",
    ]);
    expect(report.findings[0]?.message).to.contain(`of run ${runId(9)}, expected ${keyOf(first, "first figure")}`);
    expect(remedies(report, () => undefined, typing)).to.deep.equal([
      `Put the rows back as this run left them:   replot rollback ${runId(1)}`,
    ]);
  });

  it("expects of a missing plot the earlier one, which stayed in place", async () => {
    const stores = await published();
    await publishRun(stores, runId(2), [
      { plot: first, content: undefined },
      { plot: second, content: "new figure" },
    ]);
    expect(await verifyRun(stores, runId(2))).to.deep.include({ latest: true, plots: 2, objects: 2, findings: [] });
    await stores.objects.remove([keyOf(first, "first figure")]);
    expect((await verifyRun(stores, runId(2))).findings.map(({ kind }) => kind)).to.deep.equal(["missing object"]);
  });

  it("compares no rows with an earlier run, and tells what of it readers still see", async () => {
    const stores = await published();
    await publishRun(stores, runId(2), [{ plot: first, content: "new figure" }]);
    expect(await verifyRun(stores, runId(1))).to.deep.include({ latest: false, objects: 3, findings: [] });
    await stores.objects.remove([keyOf(first, "first figure"), keyOf(second, "second figure")]);
    const report = await verifyRun(stores, runId(1));
    expect(report.findings.map(({ key, live }) => [key, live])).to.have.deep.members([
      [keyOf(first, "first figure"), false],
      [keyOf(second, "second figure"), true],
    ]);
    const [again, past] = remedies(report, () => runRecord(runId(1)).request, typing);
    expect(again).to.equal("Draw them again:   replot start full --city C.1 --force");
    expect(past).to.contain("1 of these objects is not what readers see now");
  });

  it("takes the run that was gone back to for the latest", async () => {
    const stores = await published();
    await publishRun(stores, runId(2), [{ plot: first, content: "new figure" }]);
    await rollback(stores, runId(1), model);
    expect(await verifyRun(stores, runId(1))).to.deep.include({ latest: true, findings: [] });
    expect(await verifyRun(stores, runId(2))).to.deep.include({ latest: false, findings: [] });
  });

  it("compares the manifest's counts with the ledger's", async () => {
    const stores = await published();
    const record = await stores.ledger.run(runId(1));
    if (record === undefined) throw new Error("no record");
    await stores.ledger.saveRun({ ...record, counts: { ...record.counts, expected: 4, missing: 1 } });
    expect((await verifyRun(stores, runId(1))).findings.map(({ message }) => message)).to.deep.equal([
      "the ledger says 4 plots expected, the manifest lists 3",
      "the ledger says 1 plots missing, the manifest lists 0",
    ]);
  });

  it("finds a plot that the manifest lists twice", async () => {
    const stores = await box.stores();
    const missing = { ...first, status: "missing" } as const;
    await writeManifest(stores.objects, runId(1), [missing, missing]);
    expect((await verifyRun(stores, runId(1))).findings.map(({ kind }) => kind)).to.deep.equal(["listed twice"]);
  });

  it("can't say anything of a run without a manifest, or with a damaged one, and says why", async () => {
    const stores = await box.stores();
    await publishRun(stores, runId(1), [{ plot: first, content: "x" }], { killed: "before manifest" });
    const without = await rejection(verifyRun(stores, runId(1)));
    expect(without).to.include({ name: "UnavailableError", exitCode: 3 });
    expect(without.message).to.contain("has no manifest").and.contain("still running, or was killed");
    await stores.objects.put({ key: runKeys.manifest(runId(1)), body: gzipSync("x\n"), contentType: json });
    const damaged = await rejection(verifyRun(stores, runId(1)));
    expect(damaged.message).to.contain(`${runKeys.manifest(runId(1))}:1: expected a line of JSON`);
    expect((await rejection(verifyRun(stores, runId(2)))).message).to.contain("`replot runs`");
  });
});
