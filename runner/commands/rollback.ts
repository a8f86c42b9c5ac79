import type { Command } from "commander";
import type { RunId } from "../domain.ts";
import { UsageError } from "../errors.ts";
import { count, plural } from "../format/format.ts";
import { previewRollback, removesRows, rollback } from "../publish/rollback.ts";
import { ask } from "./ask.ts";
import { commandLine } from "./hints.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

interface Options extends StateOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addRollback(program: Command): void {
  stateOptions(program.command("rollback"))
    .description("puts the index back as it was after a run; refused before it starts if an object is gone")
    .argument("<run>", "its id, or the beginning of one")
    .option("--yes", "also remove rows of plots that were published later, without a question")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot rollback 2026-11-15", "readers see the plots of that day's run again"],
        ["replot rollback 2026-11-15 --yes", "the same from a script, also where rows are removed"],
      ]),
    )
    .action(async (name: string, options: Options) => {
      await withExistingSession(options, async ({ stores, catalog }) => {
        const { id } = await findRun(stores.ledger, name, beginning(options));
        // asked before the lock is taken, since an answer may take hours
        const { removed } = await previewRollback(stores, id, catalog.model);
        if (removed > 0) await confirmRemoval(id, removed, options);
        const mayRemove = options.yes ? Number.POSITIVE_INFINITY : removed;
        const result = await rollback(stores, id, catalog.model, { mayRemove });
        if (options.json) return printJson(result);
        return print(
          `The index is as run ${id} left it: ${plural(result.rows, "row")}, ${count(result.changed)} put back, ` +
            `${count(result.removed)} removed.\nThe next run draws again what this undid, unless its inputs are put back too.`,
        );
      });
    });
}

/** @throws {UsageError} if the answer is no, or if there is no terminal to ask on */
async function confirmRemoval(run: RunId, removed: number, options: Options): Promise<void> {
  if (options.yes) return;
  const what = removesRows(run, removed);
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(
      `${what}. Nothing was changed; if that is what you want: ${commandLine(`rollback ${run} --yes`, options)}`,
    );
  }
  const answer = await ask(`${what[0]?.toUpperCase()}${what.slice(1)}. Go on? [y/N] `);
  if (!/^\s*y(es)?\s*$/i.test(answer)) throw new UsageError("nothing was changed");
}
