/**
 * Limits the size of a city's record. An item of DynamoDB holds 400 kB, and a refused record would stop the run. All
 * texts are cleaned here as well, because they appear in e-mails.
 */

import { plural } from "../format/format.ts";
import type { CityRecord } from "../records.ts";
import { cleanLine, cleanLines, firstOf } from "../text/clean.ts";

/** Maximum UTF-8 bytes of a record as JSON; {@link boundCityRecord} stays below it. */
export const maxCityRecordBytes = 60_000;

/** UTF-16 units; each is at most three bytes. */
const limits = { reason: 2_000, why: 1_000, missing: 1_000 } as const;
const keptAttempts = 20;
const keptLines = 5;
const keptRemarks = 15;

/** Shortens the texts of a record to stay below {@link maxCityRecordBytes}. Counts, states and kinds do not change. */
export function boundCityRecord(record: CityRecord): CityRecord {
  const { reason, missing, lastLines } = record;
  return {
    ...record,
    why: cleanLine(record.why, limits.why),
    attempts: record.attempts.slice(-keptAttempts).map((attempt) => ({ ...attempt, end: cleanLine(attempt.end) })),
    remarks: firstOf(
      record.remarks.map((remark) => cleanLine(remark)),
      keptRemarks,
      (more) => `and ${plural(more, "remark")} more`,
    ),
    ...(reason === undefined ? {} : { reason: cleanLine(reason, limits.reason) }),
    ...(missing === undefined ? {} : { missing: cleanLine(missing, limits.missing) }),
    ...(lastLines === undefined ? {} : { lastLines: cleanLines(lastLines.join("\n")).slice(-keptLines) }),
  };
}
