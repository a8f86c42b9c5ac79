/** Publishes what HTML pages share: the one copy of plotly.min.js beside them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelId } from "../domain.ts";
import { plotsPrefix } from "../layout.ts";
import { isSharedFile } from "../render/output.ts";
import type { ObjectStore } from "../stores/ports.ts";

/**
 * @param rendering `extras` are files that R left beside the plots, relative to `outputDirectory`
 * @returns those of the extras that were assets
 */
export async function publishAssets(
  objects: ObjectStore,
  model: ModelId,
  rendering: { readonly extras: readonly string[]; readonly outputDirectory: string; readonly interrupted: boolean },
): Promise<string[]> {
  const assets = rendering.extras.filter(isSharedFile);
  for (const asset of assets) {
    const key = `${plotsPrefix(model)}${asset}`;
    if (await objects.has(key)) continue;
    const body = await readFile(join(rendering.outputDirectory, asset));
    await objects.put({ key, body, contentType: "text/javascript; charset=utf-8" });
  }
  return assets;
}
