import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { itKeepsAnIndex } from "../../support/contracts/index.ts";
import { collect, model } from "../../support/samples.ts";
import { startProgram } from "./program.ts";
import { sandbox } from "./sandbox.ts";

describe("index in SQLite", () => {
  const box = sandbox();

  itKeepsAnIndex(async () => {
    const { index, home } = await box.stores();
    return {
      index,
      place: home.database,
      async spoil({ city_scenario, outcome_stat_facet }, sha256) {
        const other = new DatabaseSync(home.database);
        other
          .prepare("UPDATE plots SET sha256 = ? WHERE city_scenario = ? AND outcome_stat_facet = ?")
          .run(sha256, city_scenario, outcome_stat_facet);
        other.close();
      },
    };
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
    // four processes, one after another
  }).timeout(30_000);
});
