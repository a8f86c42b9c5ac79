import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { RunId } from "../../../runner/domain.ts";
import { plotsPrefix, rowKey } from "../../../runner/layout.ts";
import { prune } from "../../../runner/publish/prune.ts";
import { rollback } from "../../../runner/publish/rollback.ts";
import { verifyIndex } from "../../../runner/publish/verify.ts";
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

const keepStates = 3;

/** A state that a run left, as we remember it without asking the stores. */
interface Remembered {
  readonly run: RunId;
  readonly rows: readonly IndexRow[];
  /** The same for two states with the same plots. */
  readonly id: string;
  readonly whole: boolean;
}

/** The history as it should be kept: an independent account of what `prune` promises. */
class Account {
  /** In the order in which readers saw them. */
  readonly seen: Remembered[] = [];
  private readonly rollbacks: { readonly from: string; readonly to: string }[] = [];
  private readonly lost = new Set<string>();

  left(state: Remembered): void {
    this.seen.push(state);
    this.lost.delete(state.id);
  }

  wentBack(from: string, to: Remembered): void {
    this.rollbacks.push({ from, to: to.id });
    this.seen.push(to);
  }

  /** States that must be kept, newest first, whether or not an earlier prune has let them go. */
  kept(): Remembered[] {
    const newest = new Map(this.seen.toReversed().map((state) => [state.id, state]));
    const last = new Map<string, "from" | "to">();
    for (const { from, to } of this.rollbacks) if (from !== to) last.set(from, "from").set(to, "to");
    const counts = [...newest.values()].filter(({ id }) => last.get(id) !== "from");
    const whole = new Set(this.seen.filter((state) => state.whole).map(({ id }) => id));
    const kept = new Set([
      ...counts.slice(0, keepStates).map(({ id }) => id),
      ...counts
        .filter(({ id }) => whole.has(id))
        .slice(0, keepStates)
        .map(({ id }) => id),
      ...this.rollbacks.flatMap(({ from, to }) => [from, to]),
    ]);
    return [...newest.values()].filter(({ id }) => kept.has(id));
  }

  whatCanBeGoneBackTo(): Remembered[] {
    return this.seen.filter(({ id }) => !this.lost.has(id));
  }

  pruned(): void {
    const kept = new Set(this.kept().map(({ id }) => id));
    for (const { id } of this.seen) if (!kept.has(id)) this.lost.add(id);
  }
}

const idOf = (rows: readonly IndexRow[]) =>
  rows
    .map((row) => `${rowKey(row)} ${row.s3_key}`)
    .toSorted()
    .join();

describe("prune, after any history", () => {
  const box = sandbox();
  const everything = { mayRemove: Number.POSITIVE_INFINITY };

  it("leaves the states that are to be kept whole, and nothing that nobody needs", async function () {
    this.timeout(180_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
        const stores = await box.stores();
        const account = new Account();
        let n = 0;
        for (const each of steps) {
          if (each.do === "run") {
            n += 1;
            const drawn = plots.map((one, at) => ({ plot: one, content: each.drawn[at] }));
            await publishRun(stores, runId(n), drawn, each.killed === undefined ? {} : { killed: each.killed });
            if (each.killed === undefined) account.left(await remember(stores, runId(n)));
          } else if (each.do === "roll back") {
            const possible = account.whatCanBeGoneBackTo();
            const target = possible[each.to % Math.max(1, possible.length)];
            if (target === undefined) continue;
            const from = idOf(await collect(stores.index.all()));
            await rollback(stores, target.run, model, everything);
            account.wentBack(from, target);
          } else {
            await prune(stores, { model, inCatalog: () => true, keepStates });
            account.pruned();
          }
        }
        await prune(stores, { model, inCatalog: () => true, keepStates });
        account.pruned();
        await expectKept(stores, account);
        await stores.close();
      }),
      { numRuns: 30 },
    );
  });

  async function remember(stores: LocalStores, run: RunId): Promise<Remembered> {
    const rows = await collect(stores.index.all());
    const record = await stores.ledger.run(run);
    return { run, rows, id: idOf(rows), whole: rows.length > 0 && record?.index?.unfinished.length === 0 };
  }

  async function expectKept(stores: LocalStores, account: Account): Promise<void> {
    const there = (await collect(stores.objects.list(plotsPrefix(model)))).map(({ key }) => key);
    const present = (await collect(stores.index.all())).map((row) => row.s3_key);
    const named = account.kept().flatMap(({ rows }) => rows.map((row) => row.s3_key));
    expect([...present, ...named]).to.include.members(there);
    const possible = new Set(account.whatCanBeGoneBackTo());
    for (const state of new Set(account.kept())) {
      if (!possible.has(state)) continue;
      await rollback(stores, state.run, model, everything);
      expect(await collect(stores.index.all())).to.deep.equal(state.rows);
      expect((await verifyIndex(stores)).findings).to.deep.equal([]);
      for (const row of state.rows) {
        const figure = gunzipSync((await stores.objects.get(row.s3_key)) ?? Buffer.alloc(0)).toString();
        expect(contentSha(figure)).to.equal(row.sha256);
      }
    }
    // and going back to anything else either works whole, or is refused
    for (const { run, rows } of account.seen) {
      const goneBack = await rollback(stores, run, model, everything).catch(() => undefined);
      if (goneBack !== undefined) expect(await collect(stores.index.all())).to.deep.equal(rows);
      else expect((await rejection(rollback(stores, run, model, everything))).message).to.contain("gone");
    }
  }
});
