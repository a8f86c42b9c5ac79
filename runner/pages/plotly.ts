/** Reads the copy of plotly.js that is installed with replot. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Name of the file that all pages of a store share. */
export const plotlyFile = "plotly.min.js";

let script: Promise<Buffer> | undefined;

/**
 * The script, 5 MB; read once and kept in memory.
 * @throws Error if the package plotly.js-dist-min is not installed
 */
export function plotlyScript(): Promise<Buffer> {
  script ??= readFile(fileURLToPath(import.meta.resolve("plotly.js-dist-min/plotly.min.js")));
  return script;
}
