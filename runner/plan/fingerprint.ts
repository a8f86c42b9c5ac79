/**
 * The fingerprint of everything that a scenario's plots are made from. A plot whose row has the present fingerprint is
 * current and is not drawn again.
 *
 * A fingerprint has 64 hexadecimal digits: four parts of 16, each the first digits of a SHA-256 of image, baseline,
 * scenario file and catalog. Separate parts show which input changed, without storing earlier inputs.
 */
import { createHash } from "node:crypto";
import type { Catalog } from "../catalog/catalog.ts";
import { type CityCode, type ScenarioId, Sha256 } from "../domain.ts";
import type { InputFile } from "../stores/ports.ts";

/** Increase it when the same inputs lead to other plots, for example after a change of the job file. */
const formatVersion = 1;

export interface FingerprintSources {
  /** Identity of the R image or program: the digest of an image, or of a program on this machine. */
  readonly image: string;
  readonly baseline: Pick<InputFile, "sha256">;
  readonly scenarioFile: Pick<InputFile, "sha256">;
  readonly catalog: Catalog;
  readonly city: CityCode;
  readonly scenario: ScenarioId;
}

/** The parts of a fingerprint, in order. */
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

/** The part of the catalog that a plot depends on; presets, other cities and other scenarios are left out. */
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
    // The order of dimensions determines a facet's spelling and its panels. Without display names of strata there is no
    // `names`, so that fingerprints from before that field stay valid.
    dimensions: [...catalog.dimensions.values()].map(({ id, strata, strataNames }) => ({
      id,
      strata: strata ?? null,
      ...(strataNames === undefined ? {} : { names: Object.fromEntries(strataNames) }),
    })),
    statistics: Object.fromEntries([...catalog.statistics].map(([id, { name }]) => [id, name])),
    limits: { points: catalog.limits.points, bytes: catalog.limits.bytes },
  };
}
