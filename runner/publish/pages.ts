/** Adds HTML pages for a city's current plots, made from the stored figures. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import pLimit from "p-limit";
import type { CityCode, ModelId } from "../domain.ts";
import { messageOf } from "../errors.ts";
import { plotsPrefix, plotTitle } from "../layout.ts";
import { plotPage } from "../pages/page.ts";
import { plotlyFile, plotlyScript } from "../pages/plotly.ts";
import type { ManifestLine, PageKind } from "../records.ts";
import type { ObjectStore } from "../stores/ports.ts";

const unzip = promisify(gunzip);

/** Maximum number of pages made concurrently. */
const atOnce = 8;

export interface PagesAdded {
  /** Plots that have a page now. */
  readonly plots: number;
  /** Key of the first page. */
  readonly first?: string;
  /** Reasons why plots have no page, with the number of plots. */
  readonly failures: ReadonlyMap<string, number>;
}

/** Key of the page beside a figure. */
function pageKeyOf(figureKey: string): string {
  return figureKey.replace(/\.json$/, ".html");
}

/**
 * Writes a page beside each figure that has none. Replaces existing pages only if pages must be self-contained and the
 * existing one is not. Never throws: a page that can't be made does not make its plot fail.
 * @param lines the city's plots; those without a stored figure are skipped
 * @param signal stops before the next page when aborted
 */
export async function addPages(
  objects: ObjectStore,
  place: { readonly model: ModelId; readonly city: CityCode },
  lines: readonly ManifestLine[],
  kind: PageKind,
  signal: AbortSignal,
): Promise<PagesAdded> {
  const failures = new Map<string, number>();
  const fail = (reason: string, plots: number) => failures.set(reason, (failures.get(reason) ?? 0) + plots);
  const keys: string[] = [];
  try {
    const script = await plotlyScript();
    const shared = `${plotsPrefix(place.model)}${plotlyFile}`;
    if (kind === "shared" && !(await objects.has(shared))) {
      await objects.put({ key: shared, body: script, contentType: "text/javascript; charset=utf-8" });
    }
    const sizes = new Map<string, number>();
    for await (const { key, bytes } of objects.list(`${plotsPrefix(place.model)}${place.city}/`)) sizes.set(key, bytes);
    // a page's own copy of plotly.js makes it larger than any figure
    const leastBytes = kind === "shared" ? 0 : script.length;
    const plotly = kind === "shared" ? { address: `../../${plotlyFile}` } : { script: script.toString("utf8") };

    const addPage = async ({ key: figureKey, sha256, bytes, status, reason, ...plot }: ManifestLine): Promise<void> => {
      if (figureKey === undefined || signal.aborted) return;
      const key = pageKeyOf(figureKey);
      if ((sizes.get(key) ?? -1) < leastBytes) {
        const stored = await objects.get(figureKey);
        if (stored === undefined) throw new Error("the figure is no longer in the store");
        const figure = (await unzip(stored)).toString("utf8").replace(/^\uFEFF/, "");
        const body = Buffer.from(plotPage(figure, plotTitle(plot), plotly));
        await objects.put({ key, body, contentType: "text/html; charset=utf-8" });
      }
      keys.push(key);
    };
    const inTurn = pLimit(atOnce);
    await Promise.all(
      lines.map((line) => inTurn(() => addPage(line).catch((error: unknown) => fail(messageOf(error), 1)))),
    );
  } catch (error) {
    fail(messageOf(error), lines.length);
  }
  const first = keys.toSorted()[0];
  return { plots: keys.length, failures, ...(first === undefined ? {} : { first }) };
}
