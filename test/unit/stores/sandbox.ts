/** A state directory of its own for each test, and what tests put into it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "mocha";
import { type LocalOptions, type LocalStores, openLocalStores } from "../../../runner/stores/local/open.ts";
import { model } from "../../support/samples.ts";

/** Registers the clean-up; call it inside `describe`. */
export function sandbox() {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const directory = async (): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), "replot-test-"));
    undo.push(() => rm(made, { recursive: true, force: true }));
    return made;
  };
  return {
    directory,
    /** Runs after the test, last registered first. */
    afterwards: (step: () => Promise<unknown>): void => void undo.push(step),
    async stores(options: Partial<LocalOptions> = {}): Promise<LocalStores> {
      const opened = await openLocalStores({ home: join(await directory(), "home"), model, ...options });
      undo.push(() => opened.close().catch(() => {}));
      return opened;
    },
  };
}
