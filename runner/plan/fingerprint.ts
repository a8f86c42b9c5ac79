/**
 * What a scenario's plots are made from, in 64 hexadecimal digits: rows that carry the present fingerprint need not be
 * drawn again.
 *
 * The digits are four parts of 16, each the head of a SHA-256: image, baseline, scenario file, catalog. One number
 * would tell that something changed; four tell what, from the rows alone, without keeping last week's inputs.
 */
import { createHash } from "node:crypto";
import type { Catalog } from "../catalog/catalog.ts";
import { type CityCode, type ScenarioId, Sha256 } from "../domain.ts";
import type { InputFile } from "../stores/ports.ts";

/** Raised when what follows from the same inputs changes, such as the job file. */
const formatVersion = 1;

export interface FingerprintSources {
  /** Identity of what draws: an image digest, or the digest of a program on this machine. */
  readonly image: string;
  readonly baseline: Pick<InputFile, "sha256">;
  readonly scenarioFile: Pick<InputFile, "sha256">;
  readonly catalog: Catalog;
  readonly city: CityCode;
  readonly scenario: ScenarioId;
}

/** The parts of a fingerprint, in its order. */
export const fingerprintParts = ["image", "baseline", "scenario", "catalog"] as const;
export type FingerprintPart = (typeof fingerprintParts)[number];

/** The fingerprint of a city's plots under one scenario. It does not depend on which plots were selected. */
export function fingerprint(sources: FingerprintSources): Sha256 {
  const parts: Record<FingerprintPart, unknown> = {
    image: sources.image,
    baseline: sources.baseline.sha256,
    scenario: sources.scenarioFile.sha256,
    catalog: { format: formatVersion, ...catalogSlice(sources.catalog, sources.city, sources.scenario) },
  };
  return Sha256.parse(fingerprintParts.map((part) => digest(parts[part])).join(""));
}

/** Which parts differ between two fingerprints. */
export function changedParts(before: Sha256, now: Sha256): FingerprintPart[] {
  return fingerprintParts.filter(
    (_, place) =>
      before.slice(place * partLength, (place + 1) * partLength) !==
      now.slice(place * partLength, (place + 1) * partLength),
  );
}

/** JSON whose text does not depend on the order in which an object's keys were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

const partLength = 16;

function digest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, partLength);
}

/** What of the catalog a plot's look depends on: not presets, not other cities and scenarios. */
function catalogSlice(catalog: Catalog, city: CityCode, scenario: ScenarioId) {
  return {
    model: catalog.model,
    city: { code: city, name: catalog.cities.get(city)?.name },
    scenario: { id: scenario, name: catalog.scenarios.get(scenario)?.name },
    outcomes: Object.fromEntries(
      [...catalog.outcomes].map(([id, { name, unit, kind, dimensions }]) => [
        id,
        { name, unit, kind, dimensions: dimensions.toSorted() },
      ]),
    ),
    // Their order is the order of a facet's spelling and of its panels. A catalog without display names of strata has
    // no `names`, so that it keeps the fingerprint it had before there were any.
    dimensions: [...catalog.dimensions.values()].map(({ id, strata, strataNames }) => ({
      id,
      strata: strata ?? null,
      ...(strataNames === undefined ? {} : { names: Object.fromEntries(strataNames) }),
    })),
    statistics: Object.fromEntries([...catalog.statistics].map(([id, { name }]) => [id, name])),
    limits: { points: catalog.limits.points, bytes: catalog.limits.bytes },
  };
}
