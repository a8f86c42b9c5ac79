/** Simulation files in a directory, which R reads as it is. */

import { join } from "node:path";
import type { CityCode, ModelId, ScenarioId } from "../../domain.ts";
import { inputPaths } from "../../layout.ts";
import type { InputFile, Inputs } from "../ports.ts";
import type { Checksums } from "./checksums.ts";

/** Inputs below a data directory. Nothing is fetched or released: R finds the files where they lie. */
export function openInputs(dataDirectory: string, model: ModelId, checksums: Checksums): Inputs {
  const file = async (path: string): Promise<InputFile | undefined> => {
    const found = await checksums.of(join(dataDirectory, path));
    return found === undefined ? undefined : { path, ...found };
  };

  return {
    async describe(city: CityCode, scenarios: readonly ScenarioId[]) {
      const baseline = await file(inputPaths.baseline(model, city));
      const found = new Map<ScenarioId, InputFile>();
      for (const scenario of scenarios) {
        const present = await file(inputPaths.scenario(model, city, scenario));
        if (present !== undefined) found.set(scenario, present);
      }
      return { baseline, scenarios: found };
    },
    async fetch() {},
    async release() {},
  };
}
