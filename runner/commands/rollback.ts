import type { Command } from "commander";
import { rollback } from "../publish/rollback.ts";
import { count, plural } from "../words.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

export function addRollback(program: Command): void {
  stateOptions(program.command("rollback"))
    .description("puts the index back as it was after a run; refused before it starts if an object is gone")
    .argument("<run>", "its id, or the beginning of one")
    .option("--json", "as JSON")
    .addHelpText("after", examples([["replot rollback 2026-11-15", "readers see the plots of that day's run again"]]))
    .action(async (name: string, options: StateOptions & { json?: boolean }) => {
      await withExistingSession(options, async ({ stores, catalog }) => {
        const run = await findRun(stores.ledger, name, beginning(options));
        const result = await rollback(stores, run.id, catalog.model);
        if (options.json) return printJson(result);
        return print(
          `The index is as run ${run.id} left it: ${plural(result.rows, "row")}, ${count(result.changed)} put back, ` +
            `${count(result.removed)} removed.\nThe next run draws again what this undid, unless its inputs are put back too.`,
        );
      });
    });
}
