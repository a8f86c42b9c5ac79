/**
 * Keeps a city's record small, whatever R wrote: an item of DynamoDB holds 400 kB, and a record that is refused would
 * stop the run. Every text is cleaned here as well, since all of them end in e-mails.
 */

import { plural } from "../format/format.ts";
import type { CityRecord } from "../records.ts";
import { cleanLine, cleanLines, firstOf } from "../text/clean.ts";

/** UTF-8 bytes of a record as JSON, at most; what {@link boundCityRecord} keeps adds up to less. */
export const maxCityRecordBytes = 60_000;

/** UTF-16 units; each is at most three bytes. */
const limits = { reason: 2_000, why: 1_000, missing: 1_000 } as const;
const keptAttempts = 20;
const keptLines = 5;
const keptRemarks = 15;

/** The same record below {@link maxCityRecordBytes}. Counts, states and kinds stay as they are. */
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
