/** Publishes what HTML pages share: the one copy of plotly.min.js beside them. */
import { join } from "node:path";
import type { ModelId } from "../domain.ts";
import { messageOf } from "../errors.ts";
import { plotsPrefix } from "../layout.ts";
import { isSharedFile } from "../render/attempt/output.ts";
import { readOutput } from "../render/read-output.ts";
import type { ObjectStore } from "../stores/ports.ts";

/** What a city's outcome says of files beside the plots. */
interface Leftovers {
  readonly extras: readonly string[];
  readonly remarks?: readonly string[];
}

/** Bytes, at most; plotly.min.js has 5 million. */
const largestAsset = 20_000_000;

/**
 * Never throws: what pages share costs no plot.
 * @param rendering `extras` are files that R left beside the plots, relative to `outputDirectory`
 * @returns the outcome without those of its extras that were assets, and with a remark for each that was not stored
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
      // not immutable: another version replaces it, and the pages drawn since then need that one
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
