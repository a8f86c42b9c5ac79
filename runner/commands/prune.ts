import type { Command } from "commander";
import { catalogNames } from "../catalog/names.ts";
import { plural, size } from "../format/format.ts";
import { prune } from "../publish/prune.ts";
import { examples, type StateOptions, stateOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { withExistingSession } from "./session.ts";

interface Options extends StateOptions {
  readonly rows?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addPrune(program: Command): void {
  stateOptions(program.command("prune"))
    .description("removes plots that neither the index nor any state that one can go back to names")
    .option("--rows", "also remove rows that the catalog no longer names")
    .option("--dry-run", "print what would be removed, and remove nothing")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples([
        ["replot prune --dry-run", "list what would be removed"],
        ["replot prune --rows", "after a city or an outcome has left the catalog"],
      ]),
    )
    .action(async (options: Options) => {
      await withExistingSession(options, async ({ stores, catalog }) => {
        const dryRun = options.dryRun === true;
        const rows = options.rows === true;
        const result = await prune(stores, { model: catalog.model, inCatalog: catalogNames(catalog), rows, dryRun });
        if (options.json) return printJson(result);
        const { removed, kept, strayRows, runs } = result;
        const verb = dryRun ? "Would remove" : "Removed";
        return print(
          [
            `${verb} ${plural(removed.objects, "object")} (${size(removed.bytes)}); ${plural(kept.objects, "object")} (${size(kept.bytes)}) stay.`,
            ...(strayRows.length === 0
              ? []
              : [
                  rows
                    ? `${verb} ${plural(strayRows.length, "row")} that the catalog no longer names.`
                    : `${plural(strayRows.length, "row")} of plots that the catalog no longer names stay; remove them with --rows.`,
                ]),
            ...(runs.length === 0
              ? []
              : [`You can go back to ${plural(runs.length, "state")} of the index, the oldest by run ${runs.at(-1)}.`]),
          ].join("\n"),
        );
      });
    });
}
