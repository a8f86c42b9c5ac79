/** Tables of the documentation that come from the code. `make docs` writes them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { root } from "../../runner/root.ts";
import { cloudSettings, runSettings, taskSettings } from "../../runner/settings/table.ts";
import { watchdogSettings } from "../../runner/watchdog/settings.ts";
import { grantsTable } from "./grants.ts";
import { keysTable, variablesTable } from "./settings-tables.ts";

const tables: readonly (readonly [page: string, name: string, table: () => string])[] = [
  ["infrastructure.md", "grants", grantsTable],
  ["infrastructure.md", "keys", keysTable],
  ["settings.md", "run settings", () => variablesTable(runSettings)],
  ["settings.md", "stack settings", () => variablesTable(cloudSettings)],
  ["settings.md", "task settings", () => variablesTable(taskSettings)],
  ["settings.md", "watchdog settings", () => variablesTable(watchdogSettings)],
];

describe("the documentation", () => {
  for (const [page, name, table] of tables) {
    it(`has the ${name} in ${page} as the code has them`, () => {
      const file = join(root, "docs", page);
      const [before = "", rest = ""] = readFileSync(file, "utf8").split(`<!-- ${name} -->\n`);
      const after = rest.slice(rest.indexOf("<!-- end -->"));
      const right = `${before}<!-- ${name} -->\n${table()}\n${after}`;
      if (process.env["UPDATE_SNAPSHOT"]) writeFileSync(file, right);
      expect(readFileSync(file, "utf8"), "write it anew with make docs").to.equal(right);
    });
  }
});
