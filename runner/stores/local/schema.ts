/**
 * The database's tables and the way from each older version to the present one. A step that has been released never
 * changes; a new version is a new step at the end.
 */
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { UnavailableError } from "../../errors.ts";
import { within } from "./transaction.ts";

/** "rplt": tells our files from other people's. */
const applicationId = 0x72706c74;

/** Step n leads from version n to version n + 1. */
const steps: readonly string[] = [
  // 1: index, ledger, lock
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE plots (
     city_scenario TEXT NOT NULL,
     outcome_stat_facet TEXT NOT NULL,
     outcome TEXT NOT NULL,
     statistic_type TEXT NOT NULL,
     facet_choice TEXT NOT NULL,
     s3_key TEXT NOT NULL,
     file_size INTEGER NOT NULL,
     sha256 TEXT NOT NULL,
     created_at TEXT NOT NULL,
     run_id TEXT NOT NULL,
     image TEXT NOT NULL,
     input_fingerprint TEXT NOT NULL,
     PRIMARY KEY (city_scenario, outcome_stat_facet)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE runs (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE cities (
     run TEXT NOT NULL,
     city TEXT NOT NULL,
     record TEXT NOT NULL,
     PRIMARY KEY (run, city)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE lock (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     run TEXT NOT NULL,
     owner TEXT NOT NULL,
     since TEXT NOT NULL,
     lease_end INTEGER NOT NULL
   ) STRICT;`,
  // 2: a dead holder is recognised by its process; checksums of inputs are remembered
  `ALTER TABLE lock ADD COLUMN token TEXT;
   ALTER TABLE lock ADD COLUMN machine TEXT;
   ALTER TABLE lock ADD COLUMN pid INTEGER;
   ALTER TABLE lock ADD COLUMN process_start TEXT;
   CREATE TABLE input_checksums (
     path TEXT PRIMARY KEY,
     identity TEXT NOT NULL,
     sha256 TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
];

/** Version of a home that this replot writes. */
export const schemaVersion = steps.length;

/**
 * Brings a database to the present version, each step in a transaction of its own.
 * @throws {UnavailableError} when it is from a newer replot, or not a replot database at all; then nothing was changed
 */
export function migrate(connection: DatabaseSync, path: string): void {
  for (;;) {
    const version = recognise(connection, path);
    if (version === schemaVersion) return;
    within(connection, () => {
      // another process may have done this step since
      if (recognise(connection, path) !== version) return;
      connection.exec(steps[version] ?? "");
      connection.exec(`PRAGMA application_id = ${applicationId}`);
      connection.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
}

function recognise(connection: DatabaseSync, path: string): number {
  const version = pragma(connection, "user_version");
  const application = pragma(connection, "application_id");
  const tables = z.object({ n: z.int() }).parse(connection.prepare("SELECT count(*) AS n FROM sqlite_schema").get()).n;
  const isNew = version === 0 && application === 0 && tables === 0;
  if (!isNew && (application !== applicationId || version === 0)) {
    throw new UnavailableError(`${path} is an SQLite database, but not one of replot's. Choose another --home`);
  }
  if (version > schemaVersion) {
    throw new UnavailableError(
      `${path} was written by a newer replot (state version ${version}; this one knows versions up to ${schemaVersion}). ` +
        "Update replot, or choose another --home. Nothing was changed",
    );
  }
  return version;
}

function pragma(connection: DatabaseSync, name: "user_version" | "application_id"): number {
  return z.record(z.string(), z.int()).parse({ ...connection.prepare(`PRAGMA ${name}`).get() })[name] ?? 0;
}
