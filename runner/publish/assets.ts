/** Publishes the file that HTML pages share: plotly.min.js. */
import { join } from "node:path";
import type { ModelId } from "../domain.ts";
import { messageOf } from "../errors.ts";
import { plotsPrefix } from "../layout.ts";
import { isSharedFile } from "../render/attempt/output.ts";
import { readOutput } from "../render/read-output.ts";
import type { ObjectStore } from "../stores/ports.ts";

/** The part of a city's outcome about files beside the plots. */
interface Leftovers {
  readonly extras: readonly string[];
  readonly remarks?: readonly string[];
}

/** Maximum size in bytes; plotly.min.js has 5 million. */
const largestAsset = 20_000_000;

/**
 * Never throws: a shared file that cannot be stored does not make plots fail.
 * @param rendering `extras` are files that R left beside the plots, relative to `outputDirectory`
 * @returns the outcome without shared files among its extras, and with a remark for each that could not be stored
 */
export async function withAssets<Outcome extends Leftovers>(
  outcome: Outcome,
  objects: ObjectStore,
  model: ModelId,
  rendering: { readonly extras: readonly string[]; readonly outputDirectory: string },
): Promise<Outcome> {
  const assets = rendering.extras.filter(isSharedFile);
  const remarks: string[] = [];
  for (const asset of assets) {
    try {
      const body = readOutput(join(rendering.outputDirectory, asset), largestAsset);
      // not immutable: a new version replaces it, because pages drawn later need that one
      const key = `${plotsPrefix(model)}${asset}`;
      const stored = await objects.get(key);
      if (stored === undefined || body.compare(stored) !== 0) {
        await objects.put({ key, body, contentType: "text/javascript; charset=utf-8" });
      }
    } catch (error) {
      remarks.push(`${asset} could not be stored: ${messageOf(error)}`);
    }
  }
  const extras = outcome.extras.filter((extra) => !assets.includes(extra));
  return { ...outcome, extras, remarks: [...(outcome.remarks ?? []), ...remarks] };
}
