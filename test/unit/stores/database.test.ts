import { open } from "node:fs/promises";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openLocalStores } from "../../../runner/stores/local/open.ts";
import { city, collect, indexRow, model, plot, rejection, scenario, sha } from "../../support/samples.ts";
import { startProgram } from "./program.ts";
import { sandbox } from "./sandbox.ts";

describe("state database under another process's lock", () => {
  const box = sandbox();

  async function held(path: string, what: "write" | "all") {
    const program = startProgram("hold-database", path, what);
    box.afterwards(() => program.kill());
    expect(await program.line()).to.equal("locked");
    return program;
  }

  it("is read meanwhile, and written as soon as it is free", async () => {
    const stores = await box.stores();
    await stores.index.write([indexRow(plot("C.1"), sha("a"))]);
    const other = await held(stores.home.database, "write");
    let written = false;
    const writing = stores.index.write([indexRow(plot("C.2"), sha("b"))]).then(() => {
      written = true;
    });
    expect(await collect(stores.index.all())).to.have.length(1);
    expect(written).to.equal(false);
    await other.finish();
    await writing;
    expect(await collect(stores.index.all())).to.have.length(2);
  });

  it("is given up after a while, with the event loop alive all the time", async () => {
    const stores = await box.stores({ patience: 400 });
    await held(stores.home.database, "write");
    let beats = 0;
    const heart = setInterval(() => {
      beats += 1;
    }, 20);
    const failed = await rejection(stores.index.write([indexRow(plot("C.1"), sha("a"))]));
    clearInterval(heart);
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "SQLITE_BUSY" });
    expect(failed.message).to.contain(stores.home.database).and.contain("locked by another process (waited 0 s)");
    expect(beats).to.be.at.least(3);
  });

  it("can't be opened while all of it is locked, and says so", async () => {
    const { home, close } = await box.stores();
    await close();
    const other = await held(home.database, "all");
    const failed = await rejection(openLocalStores({ home: home.root, model, patience: 200 }));
    expect(failed).to.include({ name: "UnavailableError", code: "SQLITE_BUSY" });
    expect(failed.message).to.contain("is locked by another process");
    await other.finish();
    await (await openLocalStores({ home: home.root, model })).close();
  });
});

describe("state database gone bad", () => {
  const box = sandbox();

  it("says so when its pages are overwritten", async () => {
    const first = await box.stores();
    await first.index.write(Array.from({ length: 500 }, (_, n) => indexRow(plot("C.1", `f${n}`), sha("a"))));
    await first.close();
    const file = await open(first.home.database, "r+");
    const { size } = await file.stat();
    // the first pages hold the schema, which opening needs
    for (let at = 4096 * 12; at < size; at += 4096) await file.write(Buffer.alloc(64, 0xff), 0, 64, at);
    await file.close();
    const stores = await box.stores({ home: first.home.root });
    const failed = await rejection(stores.index.rows(city("C.1"), scenario("cessation")));
    expect(failed).to.include({ name: "UnavailableError", code: "SQLITE_CORRUPT" });
    expect(failed.message).to.contain("damaged");
  });
});
