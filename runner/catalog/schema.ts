/** The shape of a catalog file. What refers to what is checked in `references.ts`. */
import { z } from "zod";
import { CityCode, DimensionId, ModelId, OutcomeId, ScenarioId, StatisticId } from "../domain.ts";
import { fields, numeric, text } from "./fields.ts";
import { isNull } from "./null.ts";

/** Dimensions of one catalog; each more doubles the number of facets. */
const mostDimensions = 8;

/** Identifiers are names of directories: `..` must not be one. */
const noDotFirst = (id: string): boolean => !id.startsWith(".");
const dotFirst = "an identifier does not begin with a dot";

/** What may be left open with `~`, `null` or nothing. */
function unlisted<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((found) => (isNull(found) ? null : found), schema.nullable());
}

/** Entries under their identifiers, at least one. */
function entries<Key extends z.core.$ZodRecordKey, Value extends z.core.SomeType>(key: Key, value: Value) {
  return z.record(key, value).refine((record) => Object.keys(record).length > 0, "expected at least one");
}

/** One of a preset's lists. Whether it names what exists is a matter of references. */
const choice = z.union([z.literal("all"), z.array(z.string()).min(1)]);

const City = fields({
  code: CityCode.refine(noDotFirst, dotFirst),
  name: text,
  coordinates: z.tuple([numeric(z.number().min(-180).max(180)), numeric(z.number().min(-90).max(90))]).optional(),
  population: numeric(z.int().positive()).optional(),
});

/** A stratum is its identifier, or an identifier with the name that figures show. */
const Stratum = z.union([text, fields({ id: text, name: text })]);

const Outcome = fields({
  name: text,
  unit: text,
  kind: z.enum(["count", "proportion"]),
  dimensions: z.array(DimensionId),
});

const Preset = fields({
  cities: choice,
  scenarios: choice,
  outcomes: choice,
  statistics: choice,
  facets: z.union([z.literal("all"), z.array(z.string().nullable()).min(1)]),
});

export const CatalogFile = fields({
  model: ModelId,
  cities: z.array(City).min(1),
  scenarios: entries(ScenarioId.refine(noDotFirst, dotFirst), text),
  dimensions: z
    .record(
      DimensionId.refine(noDotFirst, dotFirst).refine(
        (id) => id !== "none",
        "`none` is the facet of an undivided plot",
      ),
      unlisted(z.array(Stratum).min(1)),
    )
    .refine((record) => Object.keys(record).length <= mostDimensions, `expected at most ${mostDimensions} dimensions`),
  outcomes: entries(OutcomeId.refine(noDotFirst, dotFirst), Outcome),
  statistics: entries(StatisticId.refine(noDotFirst, dotFirst), text),
  limits: fields({ points: numeric(z.int().positive()), bytes: numeric(z.int().positive()) }),
  presets: entries(
    z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "a preset's name is made of letters, digits, `.`, `_` and `-`"),
    Preset,
  ),
});
export type CatalogFile = z.infer<typeof CatalogFile>;
