/** What every index of plots promises, whatever keeps it. */
import { expect } from "chai";
import { it } from "mocha";
import type { IndexRow } from "../../../runner/records.ts";
import type { PlotIndex } from "../../../runner/stores/ports.ts";
import { city, collect, indexRow, plot, rejection, runId, scenario, sha } from "../samples.ts";

export interface OpenedIndex {
  readonly index: PlotIndex;
  /** The table or file that errors name. */
  readonly place: string;
  /** Gives a row another SHA-256 in the store itself, as another program might. */
  spoil(row: IndexRow, sha256: string): Promise<void>;
}

/** Registers the tests. @param open makes an empty index for one test */
export function itKeepsAnIndex(open: () => Promise<OpenedIndex>): void {
  it("gives back what was written, by city and scenario, sorted", async () => {
    const { index } = await open();
    const rows = [
      indexRow(plot("C.1", "sex"), sha("a")),
      indexRow(plot("C.1", "age+race"), sha("b")),
      indexRow(plot("C.1", "none", "brief"), sha("c")),
      indexRow(plot("C.10", "none"), sha("d")),
    ];
    await index.write(rows);
    expect(await index.rows(city("C.1"), scenario("cessation"))).to.deep.equal([rows[1], rows[0]]);
    expect(await index.rows(city("C.1"), scenario("brief"))).to.deep.equal([rows[2]]);
    expect(await index.rows(city("C.2"), scenario("brief"))).to.deep.equal([]);
    expect(await collect(index.all())).to.have.deep.members(rows);
  });

  it("replaces a row of the same plot and removes what is asked; what is put wins", async () => {
    const { index } = await open();
    const [old, leaving, staying] = ["none", "sex", "age"].map((facet) => indexRow(plot("C.1", facet), sha("a")));
    if (old === undefined || leaving === undefined || staying === undefined) throw new Error("three rows");
    await index.write([old, leaving, staying]);
    const present = { ...old, sha256: sha("b"), run_id: runId(2) };
    await index.write([old, present], [leaving, present]);
    expect(await index.rows(city("C.1"), scenario("cessation"))).to.have.deep.members([present, staying]);
    await index.write([], []);
    await index.write([], [staying]);
    expect(await collect(index.all())).to.deep.equal([present]);
  });

  it("writes nothing at all when one row can't be written", async () => {
    const { index } = await open();
    const rows = Array.from({ length: 60 }, (_, n) => indexRow(plot("C.1", `f${n}`), sha("a")));
    await rejection(index.write([...rows, { ...indexRow(plot("C.1"), sha("a")), file_size: Number.NaN }]));
    expect(await collect(index.all())).to.deep.equal([]);
    await index.write(rows);
    expect(await collect(index.all())).to.have.deep.members(rows);
  });

  it("refuses rows that another program spoilt, naming place, row and field", async () => {
    const { index, place, spoil } = await open();
    const row = indexRow(plot("C.1"), sha("a"));
    await index.write([row]);
    await spoil(row, "none");
    for (const read of [() => collect(index.all()), () => index.rows(city("C.1"), scenario("cessation"))]) {
      const failed = await rejection(read());
      expect(failed).to.include({ name: "UnavailableError" });
      expect(failed.message).to.contain(`${place}: row C.1#cessation incidence#mean.and.interval#none: sha256`);
    }
  });
}
