import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { city, collect, indexRow, model, plot, rejection, runId, scenario, sha } from "../../support/samples.ts";
import { startProgram } from "./program.ts";
import { sandbox } from "./sandbox.ts";

describe("index in SQLite", () => {
  const box = sandbox();

  it("gives back what was written, by city and scenario, sorted", async () => {
    const { index } = await box.stores();
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

  it("replaces a row of the same plot and removes what is asked, together", async () => {
    const { index } = await box.stores();
    const [old, leaving, staying] = ["none", "sex", "age"].map((facet) => indexRow(plot("C.1", facet), sha("a")));
    if (old === undefined || leaving === undefined || staying === undefined) throw new Error("three rows");
    await index.write([old, leaving, staying]);
    const present = { ...old, sha256: sha("b"), run_id: runId(2) };
    await index.write([present], [leaving]);
    expect(await index.rows(city("C.1"), scenario("cessation"))).to.have.deep.members([present, staying]);
  });

  it("writes nothing at all when one row can't be written", async () => {
    const { index } = await box.stores();
    const good = indexRow(plot("C.1"), sha("a"));
    await rejection(index.write([good, { ...indexRow(plot("C.1", "sex"), sha("a")), file_size: Number.NaN }]));
    expect(await collect(index.all())).to.deep.equal([]);
    await index.write([good]);
    expect(await collect(index.all())).to.deep.equal([good]);
  });

  it("refuses rows that another program spoilt, naming row and field", async () => {
    const stores = await box.stores();
    await stores.index.write([indexRow(plot("C.1"), sha("a"))]);
    const other = new DatabaseSync(stores.home.database);
    other.exec("UPDATE plots SET sha256 = 'none'");
    other.close();
    const failed = await rejection(collect(stores.index.all()));
    expect(failed).to.include({ name: "CannotWork" });
    expect(failed.message).to.contain("C.1#cessation incidence#mean.and.interval#none: sha256");
  });

  it("has a city's rows all or not at all after kill -9, and never loses those it confirmed", async () => {
    const { home, close } = await box.stores();
    await close();
    let last = -1;
    for (let round = 0; round < 4; round += 1) {
      const writer = startProgram("write-generations", home.root, model);
      for (let lines = 0; lines < 3 + round; lines += 1) last = Number(await writer.line());
      // without waiting for a line: it is at the next write
      await writer.kill();
      const stores = await box.stores({ home: home.root });
      const rows = await collect(stores.index.all());
      expect(rows).to.have.length(1818);
      const generations = new Set(rows.map((row) => row.file_size));
      expect(generations.size).to.equal(1);
      expect([...generations][0]).to.be.at.least(last);
      await stores.close();
    }
  });
});
