/** What a run is asked to do. */
import type { Catalog, Selection } from "../catalog/catalog.ts";
import type { CityCode } from "../domain.ts";
import type { RunRequest } from "../records.ts";
import type { NewRun } from "./begin.ts";

export interface RunOptions extends NewRun {
  readonly catalog: Catalog;
  readonly selection: Selection;
  readonly request: RunRequest;
  /** Cities that the resumed run had finished, where that one was forced. */
  readonly alreadyDone: ReadonlySet<CityCode>;
  /** Starts of R for one city, at most. */
  readonly attempts: number;
  readonly cityTimeoutSeconds: number;
}
