/** What is written down and read back: rows of the index, entries of the ledger, lines of a manifest. */
import { z } from "zod";
import { Capacity, CityCode, FacetId, OutcomeId, RunId, ScenarioId, Sha256, StatisticId } from "./domain.ts";

/** ISO 8601, UTC. */
const Timestamp = z.iso.datetime();
const Count = z.int().nonnegative();

/** One row of the index: where the plot that a reader should see lies, and where it came from. */
export const IndexRow = z.object({
  /** `C.12580#cessation` */
  city_scenario: z.string(),
  /** `incidence#mean.and.interval#sex` */
  outcome_stat_facet: z.string(),
  outcome: OutcomeId,
  statistic_type: StatisticId,
  facet_choice: FacetId,
  s3_key: z.string(),
  /** Uncompressed bytes of the figure. */
  file_size: Count,
  sha256: Sha256,
  /** When these bytes were first published. */
  created_at: Timestamp,
  /** The run that rendered it, with this image, from inputs of this fingerprint. */
  run_id: RunId,
  image: z.string(),
  input_fingerprint: Sha256,
});
export type IndexRow = z.infer<typeof IndexRow>;

/** What became of each expected plot, counted. `expected` is the sum of the others. */
export const PlotCounts = z.object({
  expected: Count,
  /** New, or with other bytes than before. */
  changed: Count,
  /** Rendered again to the same bytes. */
  unchanged: Count,
  /** Not rendered: its row already has the present fingerprint. */
  skipped: Count,
  missing: Count,
});
export type PlotCounts = z.infer<typeof PlotCounts>;

/** How one start of R ended. */
export const EndKind = z.enum([
  "exited",
  "out-of-memory",
  "killed",
  "timed-out",
  "agent-died",
  "worker-died",
  "work-directory-gone",
  "disk-full",
  "cancelled",
]);
export type EndKind = z.infer<typeof EndKind>;

/** Why plots are missing: how R's last start ended, or what kept it from being started or its plots from readers. */
export const ReasonKind = z.enum([
  ...EndKind.options,
  "input-missing",
  "refused",
  "not-stored",
  "interrupted",
  "not-drawn",
]);
export type ReasonKind = z.infer<typeof ReasonKind>;

/** One start of R for a city. */
export const AttemptRecord = z.object({
  number: z.int().positive(),
  seconds: z.number().nonnegative(),
  /** How it ended in plain words: `exit 0`, `R was killed for memory (exit 137)`. */
  end: z.string(),
  /** The same for programs; absent in records of earlier versions. */
  endKind: EndKind.optional(),
  /** Valid plots it brought. */
  plots: Count,
});
export type AttemptRecord = z.infer<typeof AttemptRecord>;

export const CityState = z.enum(["pending", "running", "published", "partial", "failed", "skipped", "held"]);
export type CityState = z.infer<typeof CityState>;

export const CityRecord = z.object({
  run: RunId,
  city: CityCode,
  state: CityState,
  counts: PlotCounts,
  /** The latest, in order; of very many the first are left out. */
  attempts: z.array(AttemptRecord),
  seconds: z.number().nonnegative(),
  /** Plots drawn so far, of a city that is at work. */
  drawn: Count.optional(),
  /** Why it ran or was skipped. */
  why: z.string(),
  /** Why plots are missing, in plain words. */
  reason: z.string().optional(),
  /** The same for programs; absent in records of earlier versions. */
  reasonKind: ReasonKind.optional(),
  /** Missing plots whose earlier version stays in place, and the run that the newest of them came from. */
  kept: z.object({ plots: Count, run: RunId }).optional(),
  /** Missing plots in words, grouped: `suppression x race+risk (all statistics)`. */
  missing: z.string().optional(),
  /** The last lines its last attempt wrote, where plots are missing. */
  lastLines: z.array(z.string()).optional(),
  /** Key of its log. */
  log: z.string().optional(),
  /** How many of its plots have a page, and the key of the first one's, where pages were asked for. */
  pages: z.object({ plots: Count, first: z.string() }).optional(),
  /** Findings that cost no plot: quirks of the image, plots nobody asked for. */
  remarks: z.array(z.string()),
});
export type CityRecord = z.infer<typeof CityRecord>;

export const RunState = z.enum(["running", "complete", "incomplete", "failed", "interrupted"]);
export type RunState = z.infer<typeof RunState>;

/** `shared`: pages refer to one copy of plotly.js. */
export type PageKind = "shared" | "self-contained";

/** What a run was asked for; `--resume` asks for the same again. */
export const RunRequest = z.object({
  preset: z.string(),
  /** Lists that replace the preset's; absent ones come from the preset. */
  only: z.object({
    cities: z.array(CityCode).optional(),
    scenarios: z.array(ScenarioId).optional(),
    outcomes: z.array(OutcomeId).optional(),
    statistics: z.array(StatisticId).optional(),
    facets: z.array(FacetId).optional(),
  }),
  force: z.boolean(),
  /** Pages beside the plots; `self-contained` ones carry plotly.js. */
  html: z.union([z.boolean(), z.literal("self-contained")]),
});
export type RunRequest = z.infer<typeof RunRequest>;

/** The index as a run left it. */
export const IndexState = z.object({
  /** Equal for two states in which readers see the same plots; see `publish/index-state.ts`. */
  digest: Sha256,
  rows: Count,
  /**
   * Cities whose latest run did not publish everything that was expected of them. A run takes over those of the state
   * before it that it does not complete itself. A state without any is whole.
   */
  unfinished: z.array(CityCode),
});
export type IndexState = z.infer<typeof IndexState>;

/** One time that the rows were put back to how a run left them. */
const RollbackRecord = z.object({
  at: Timestamp,
  /** Its place among runs and rollbacks. */
  sequence: Count.optional(),
  /** Digest of the state that it replaced; absent where nothing changed. */
  from: Sha256.optional(),
});
export type RollbackRecord = z.infer<typeof RollbackRecord>;
/** Versions up to 0.1.0 wrote the time alone. */
const TimeAlone = Timestamp.transform((at): RollbackRecord => ({ at }));

export const RunRecord = z.object({
  id: RunId,
  /** Its place among runs and rollbacks, counted under the lock; absent in records of versions up to 0.1.0. */
  sequence: Count.optional(),
  request: RunRequest,
  trigger: z.enum(["schedule", "manual", "local"]),
  started: Timestamp,
  ended: Timestamp.optional(),
  state: RunState,
  counts: PlotCounts,
  /** Combinations that the catalog says cannot be drawn. */
  notApplicable: Count,
  workers: z.int().positive(),
  /** Identity of what draws: an image digest, or the digest of a program on this machine. */
  image: z.string(),
  resumes: RunId.optional(),
  /** Version of replot. */
  version: z.string(),
  /** Commit of the checkout that replot ran from. */
  commit: z.string().optional(),
  /** Estimated US dollars, where a run costs any. */
  cost: z.number().nonnegative().optional(),
  /** What its task ran on. */
  capacity: Capacity.optional(),
  /** Calls to services that were repeated, where any were. */
  repeated: Count.optional(),
  error: z.string().optional(),
  /** Who ran it: `host:pid` or the ARN of an ECS task. */
  task: z.string(),
  /** When the report's notification was accepted. */
  reportedAt: Timestamp.optional(),
  /** The index as this run left it; absent where the run was killed before it could say. */
  index: IndexState.optional(),
  /** Rollbacks to this run, oldest first. */
  rollbacks: z.array(z.union([RollbackRecord, TimeAlone])).optional(),
  /** When a person pinned its state with `replot keep`. */
  pinned: Timestamp.optional(),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** One expected plot of a run, as its manifest remembers it. */
export const ManifestLine = z.object({
  city: CityCode,
  scenario: ScenarioId,
  outcome: OutcomeId,
  statistic: StatisticId,
  facet: FacetId,
  status: z.enum(["changed", "unchanged", "skipped", "missing"]),
  /** Of the object that the index names after the run; absent where there is none. */
  key: z.string().optional(),
  sha256: Sha256.optional(),
  bytes: Count.optional(),
  /** Why it is missing. */
  reason: z.string().optional(),
});
export type ManifestLine = z.infer<typeof ManifestLine>;
