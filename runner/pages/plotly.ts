/** The copy of plotly.js that comes with replot. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Name of the file that pages of one store share. */
export const plotlyFile = "plotly.min.js";

let script: Promise<Buffer> | undefined;

/**
 * The script, 5 MB; read once.
 * @throws Error where the package plotly.js-dist-min is not installed
 */
export function plotlyScript(): Promise<Buffer> {
  script ??= readFile(fileURLToPath(import.meta.resolve("plotly.js-dist-min/plotly.min.js")));
  return script;
}
