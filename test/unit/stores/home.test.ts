import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { describe, it } from "mocha";
import { ModelId } from "../../../runner/domain.ts";
import { homeModel } from "../../../runner/stores/local/home.ts";
import { openLocalStores } from "../../../runner/stores/local/open.ts";
import { model, rejection, runId, runRecord } from "../../support/samples.ts";
import { startProgram } from "./program.ts";
import { sandbox } from "./sandbox.ts";

describe("state directory", () => {
  const box = sandbox();

  it("is made with everything in it, and opened again", async () => {
    const home = join(await box.directory(), "deep", "home");
    const first = await box.stores({ home });
    for (const path of [first.home.objects, first.home.outbox, first.home.work, first.home.data]) {
      expect((await stat(path)).isDirectory(), path).to.equal(true);
    }
    expect(first.dataDirectory).to.equal(join(home, "data"));
    await first.close();
    const again = await box.stores({ home, dataDirectory: "elsewhere" });
    expect(again.dataDirectory).to.equal(join(process.cwd(), "elsewhere"));
  });

  it("serves one model and refuses another, naming both and the way out", async () => {
    const { home } = await box.stores();
    const refused = await rejection(openLocalStores({ home: home.root, model: ModelId.parse("other") }));
    expect(refused).to.include({ name: "UsageError", exitCode: 2 });
    expect(refused.message).to.contain("`ryan-white`").and.contain("`other`").and.contain("--home");
    expect(await homeModel(home.root)).to.equal(model);
  });

  it("remembers the catalog and the program that it was used with, and names them when it refuses another model", async () => {
    const { home, close } = await box.stores({ belongings: { catalog: "/a/old.yaml", program: "Rscript draw.R" } });
    await close();
    // a command that names no program, such as `show`
    await (await box.stores({ home: home.root, belongings: { catalog: "/a/rw.yaml" } })).close();
    const other = { home: home.root, model: ModelId.parse("other"), belongings: { catalog: "/b/other.yaml" } };
    const refused = await rejection(openLocalStores(other));
    expect(refused.message).to.contain("`ryan-white` (catalog /a/rw.yaml), drawn by Rscript draw.R");
    expect(refused.message).to.contain("`other` (catalog /b/other.yaml)").and.contain("--catalog /a/rw.yaml");
    expect(await homeModel(home.root)).to.equal(model);
  });

  it("tells that there is no home without making one", async () => {
    const home = join(await box.directory(), "home");
    expect(await homeModel(home)).to.equal(undefined);
    expect(await stat(home).catch(() => "none")).to.equal("none");
  });

  it("is not made for a command that only looks: its stores are empty, and stay in memory", async () => {
    const home = join(await box.directory(), "home");
    const looking = await box.stores({ home, make: false });
    expect(await looking.ledger.runs(1)).to.deep.equal([]);
    expect(await stat(home).catch(() => "none")).to.equal("none");
    const made = await box.stores({ home });
    await made.ledger.begin(runRecord(runId(1)));
    const again = await box.stores({ home, make: false });
    expect((await again.ledger.runs(1)).map(({ id }) => id)).to.deep.equal([runId(1)]);
  });

  it("of a newer replot is refused, with its version, and left as it is", async () => {
    const stores = await box.stores();
    await stores.close();
    const database = new DatabaseSync(stores.home.database);
    database.exec("PRAGMA user_version = 99");
    database.close();
    const before = await readFile(stores.home.database);
    const refused = await rejection(openLocalStores({ home: stores.home.root, model }));
    expect(refused).to.include({ name: "UnavailableError", exitCode: 3 });
    expect(refused.message).to.contain("newer replot").and.contain("state version 99");
    expect((await readFile(stores.home.database)).equals(before)).to.equal(true);
  });

  it("with somebody else's SQLite database is refused", async () => {
    const { home, close } = await box.stores();
    await close();
    await writeFile(home.database, "");
    const database = new DatabaseSync(home.database);
    database.exec("CREATE TABLE theirs (x)");
    database.close();
    const refused = await rejection(openLocalStores({ home: home.root, model }));
    expect(refused).to.include({ name: "UnavailableError" });
    expect(refused.message).to.contain(home.database).and.contain("not one of replot's");
  });

  it("whose database is damaged says so, and what to do", async () => {
    const { home, close } = await box.stores();
    await close();
    await writeFile(home.database, "This is no database, however long one makes it. ".repeat(200));
    const refused = await rejection(openLocalStores({ home: home.root, model }));
    expect(refused).to.include({ name: "UnavailableError", code: "SQLITE_CORRUPT" });
    expect(refused.message).to.contain(home.database).and.contain("damaged").and.contain("move it away");
  });

  it("under a path that is a file says so", async () => {
    const file = join(await box.directory(), "file");
    await writeFile(file, "");
    const refused = await rejection(openLocalStores({ home: join(file, "home"), model }));
    expect(refused).to.include({ name: "UnavailableError" });
    expect(refused.message).to.contain("a file lies where a directory should be");
  });

  it("is opened without a warning on the terminal", async () => {
    const program = startProgram("open-home", join(await box.directory(), "home"), model);
    expect(await program.line()).to.equal("1 1");
    expect(await program.finish()).to.equal(0);
    expect(program.errors()).to.equal("");
  });
});
