import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openLocalStores } from "../../../runner/stores/local/open.ts";
import { bytes, city, indexRow, json, model, plot, rejection, sha } from "../../support/samples.ts";
import { sandbox } from "./sandbox.ts";

const nobody = 65534;

/** Root may do everything, so root steps down for the moment. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

describe("permissions", () => {
  const box = sandbox();

  it("a home that can't be made is named", async () => {
    const parent = await box.directory();
    await chmod(parent, 0o555);
    const failed = await unprivileged(() => rejection(openLocalStores({ home: join(parent, "home"), model })));
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "EACCES" });
    expect(failed.message).to.contain(join(parent, "home")).and.contain("permission denied");
  });

  it("a database that can't be written is named, at the latest when it is written", async () => {
    const first = await box.stores();
    await first.close();
    const { root, database } = first.home;
    await chmod(dirname(root), 0o755);
    await chmod(database, 0o444);
    await chmod(root, 0o555);
    const failed = await unprivileged(() =>
      rejection(
        openLocalStores({ home: root, model }).then((stores) => stores.index.write([indexRow(plot("C.1"), sha("a"))])),
      ),
    );
    await chmod(root, 0o755);
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3 });
    expect(failed.message)
      .to.contain(database)
      .and.match(/read-only|could not open/);
  });

  it("an object directory that can't be written is named", async () => {
    const stores = await box.stores();
    await chmod(dirname(stores.home.root), 0o755);
    await chmod(stores.home.objects, 0o555);
    const failed = await unprivileged(() =>
      rejection(stores.objects.put({ key: "a/b", body: bytes("x"), contentType: json })),
    );
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "EACCES" });
    expect(failed.message).to.contain(join(stores.home.objects, "a/b")).and.contain("permission denied");
  });

  it("an input that can't be read is named, not taken for missing", async () => {
    const stores = await box.stores();
    await chmod(dirname(stores.home.root), 0o755);
    const path = join(stores.dataDirectory, "simulations/ryan-white/base/C.1_base.Rdata");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "x");
    await chmod(path, 0o000);
    const failed = await unprivileged(() => rejection(stores.inputs.describe(city("C.1"), [])));
    expect(failed).to.include({ name: "UnavailableError", exitCode: 3, code: "EACCES" });
    expect(failed.message).to.contain(`could not read the input ${path}: permission denied`);
  });
});
