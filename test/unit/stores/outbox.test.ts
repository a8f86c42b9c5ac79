import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { rejection, runId } from "../../support/samples.ts";
import { sandbox } from "./sandbox.ts";

describe("outbox", () => {
  const box = sandbox();

  it("holds a message as subject, blank line, body, and nothing half written", async () => {
    const { notifier, home } = await box.stores();
    await notifier.notify({ run: runId(1), subject: "[replot] 31 cities complete", body: "All well.\nGoodbye" });
    await notifier.notify({ run: runId(2), subject: "[replot] two", body: "Ü\n" });
    expect((await readdir(home.outbox)).toSorted()).to.deep.equal([`${runId(1)}.txt`, `${runId(2)}.txt`]);
    expect(await readFile(join(home.outbox, `${runId(1)}.txt`), "utf8")).to.equal(
      "Subject: [replot] 31 cities complete\n\nAll well.\nGoodbye\n",
    );
    expect(await readFile(join(home.outbox, `${runId(2)}.txt`), "utf8")).to.equal("Subject: [replot] two\n\nÜ\n");
  });

  it("refuses subjects that an e-mail can't have", async () => {
    const { notifier, home } = await box.stores();
    for (const subject of ["", "a\nb", "ü", "x".repeat(100)]) {
      await rejection(notifier.notify({ run: runId(1), subject, body: "b" }));
    }
    expect(await readdir(home.outbox)).to.deep.equal([]);
  });

  it("that can't be written is an error that names the file", async () => {
    const { notifier, home } = await box.stores();
    await rm(home.outbox, { recursive: true });
    await writeFile(home.outbox, "");
    const failed = await rejection(notifier.notify({ run: runId(1), subject: "s", body: "b" }));
    expect(failed).to.include({ name: "UnavailableError" });
    expect(failed.message).to.contain(join(home.outbox, `${runId(1)}.txt`));
  });
});
