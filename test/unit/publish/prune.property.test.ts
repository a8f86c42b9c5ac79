import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { RunId } from "../../../runner/domain.ts";
import { plotsPrefix } from "../../../runner/layout.ts";
import { prune } from "../../../runner/publish/prune.ts";
import { rollback } from "../../../runner/publish/rollback.ts";
import { verifyRun } from "../../../runner/publish/verify.ts";
import type { IndexRow } from "../../../runner/records.ts";
import type { LocalStores } from "../../../runner/stores/local/open.ts";
import { collect, model, plot, rejection, runId } from "../../support/samples.ts";
import { sandbox } from "../stores/sandbox.ts";
import { contentSha, publishRun } from "./history.ts";

const plots = [plot("C.1"), plot("C.1", "sex"), plot("C.2", "none", "brief")];
/** Few, so that content returns after having been away. */
const content = fc.constantFrom(undefined, "a", "b", "c", "d");
const killed = fc.constantFrom(undefined, undefined, undefined, "before rows" as const, "before manifest" as const);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("run" as const), drawn: fc.tuple(content, content, content), killed }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("roll back" as const), to: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("prune" as const) }) },
);

const keepRuns = 3;

/** A whole run of the history, as we remember it without asking the stores. */
interface Remembered {
  readonly run: RunId;
  readonly rows: readonly IndexRow[];
  /** Keys its manifest names. */
  readonly keys: readonly string[];
}

describe("prune, after any history", () => {
  const box = sandbox();

  it("leaves the last runs so that each can be gone back to whole, and nothing that nobody needs", async function () {
    this.timeout(180_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const stores = await box.stores();
        const whole: Remembered[] = [];
        let n = 0;
        for (const each of steps) {
          if (each.do === "run") {
            n += 1;
            const drawn = plots.map((one, at) => ({ plot: one, content: each.drawn[at] }));
            await publishRun(stores, runId(n), drawn, each.killed === undefined ? {} : { killed: each.killed });
            if (each.killed === undefined) whole.push(await remember(stores, runId(n)));
          } else if (each.do === "roll back") {
            const target = whole.slice(-keepRuns)[each.to % keepRuns];
            if (target !== undefined) await rollback(stores, target.run, model);
          } else {
            await prune(stores, { model, inCatalog: () => true, keepRuns });
          }
        }
        await prune(stores, { model, inCatalog: () => true, keepRuns });
        await expectWhole(stores, whole);
        await stores.close();
      }),
      { numRuns: 40 },
    );
  });

  async function remember(stores: LocalStores, run: RunId): Promise<Remembered> {
    const rows = await collect(stores.index.all());
    return { run, rows, keys: rows.map(({ s3_key }) => s3_key) };
  }

  async function expectWhole(stores: LocalStores, whole: readonly Remembered[]): Promise<void> {
    const kept = whole.slice(-keepRuns);
    const needed = new Set([
      ...kept.flatMap(({ keys }) => keys),
      ...(await collect(stores.index.all())).map((row) => row.s3_key),
    ]);
    const there = (await collect(stores.objects.list(plotsPrefix(model)))).map(({ key }) => key);
    expect(there).to.have.members([...needed]);
    for (const { run, rows } of kept) {
      await rollback(stores, run, model);
      expect(await collect(stores.index.all())).to.deep.equal(rows);
      expect((await verifyRun(stores, run)).findings).to.deep.equal([]);
      for (const row of rows) {
        const figure = gunzipSync((await stores.objects.get(row.s3_key)) ?? Buffer.alloc(0)).toString();
        expect(contentSha(figure)).to.equal(row.sha256);
      }
    }
    // and going back to anything else either works whole, or is refused
    for (const { run, rows } of whole.slice(0, -keepRuns)) {
      const goneBack = await rollback(stores, run, model).catch(() => undefined);
      if (goneBack === undefined) expect((await rejection(rollback(stores, run, model))).message).to.contain("gone");
      else expect(await collect(stores.index.all())).to.deep.equal(rows);
    }
  }
});
