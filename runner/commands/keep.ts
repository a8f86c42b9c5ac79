import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { plural } from "../format/format.ts";
import { pin, pinnedRuns, unpin } from "../publish/pins.ts";
import { commandLine } from "./hints.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { beginning, findRun, withExistingSession } from "./session.ts";

interface Options extends StateOptions {
  readonly remove?: boolean;
  readonly json?: boolean;
}

export function addKeep(program: Command): void {
  stateOptions(program.command("keep"))
    .description("keeps the state of the index that a run left, so that rollback can always go back to it")
    .argument("[run]", "its id, the beginning of one, or latest; without one the kept runs are listed")
    .option("--remove", "no longer keep the state of this run")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot keep 2026-11-15", "the state that the run of that day left"],
        ["replot keep 2026-11-15 --remove", "no longer keep it"],
        ["replot keep", "which runs are kept"],
      ]),
    )
    .action(async (name: string | undefined, options: Options) => {
      await withExistingSession(options, async ({ stores, catalog }) => {
        if (name === undefined) {
          if (options.remove) throw new UsageError("name the run that need not be kept: replot keep RUN --remove");
          const runs = await pinnedRuns(stores.objects);
          if (options.json) return printJson(runs);
          return print(runs.length === 0 ? "No run is kept." : runs.join("\n"));
        }
        const run = await findRun(stores.ledger, name, beginning(options));
        const kept = options.remove !== true;
        await (kept ? pin(stores, run, catalog.model) : unpin(stores, run));
        if (options.json) return printJson({ run: run.id, kept });
        if (!kept) return print(`The state that run ${run.id} left is no longer kept.`);
        const rows = run.index === undefined ? "" : `, ${plural(run.index.rows, "row")}`;
        return print(
          `The state that run ${run.id} left is kept${rows}. Go back to it:   ` +
            commandLine(`rollback ${run.id}`, options),
        );
      });
    });
}
