/**
 * The state database: one SQLite file in WAL mode, written by short transactions. SQLite's own waiting would stop the
 * event loop, and with it the heartbeats of lock and workers; so it waits for moments only, and the rest is done here.
 */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { migrate } from "./schema.ts";
import { isBusy, sqliteFailure } from "./sqlite-failure.ts";
import { within } from "./transaction.ts";

export type Row = Record<string, SQLOutputValue>;

/** Statements inside one transaction. */
export interface Transaction {
  /** @returns how many rows changed */
  run(sql: string, ...values: SQLInputValue[]): number;
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
}

export interface StateDatabase {
  readonly path: string;
  all(sql: string, ...values: SQLInputValue[]): Promise<Row[]>;
  get(sql: string, ...values: SQLInputValue[]): Promise<Row | undefined>;
  /**
   * All of it or nothing, durable when it resolves.
   * @param work synchronous, and free of effects outside the database: it runs again when another process was faster
   */
  transaction<T>(work: (transaction: Transaction) => T): Promise<T>;
  close(): void;
}

export interface DatabaseOptions {
  /** How long another process may lock the database before we give up, in milliseconds. Default 10 s. */
  readonly patience?: number;
}

const defaultPatience = 10_000;
/** How long SQLite itself may hold up the event loop, in milliseconds. */
const busyTimeout = 20;
const pause = 30;

/**
 * Opens the state database, makes it where there is none and migrates an older one.
 * @throws {UnavailableError} when it is locked for too long, damaged, not ours, read-only, or from a newer replot
 */
export async function openDatabase(path: string, options: DatabaseOptions = {}): Promise<StateDatabase> {
  const patience = options.patience ?? defaultPatience;
  const connection = await patiently(path, patience, () => new DatabaseSync(path, { timeout: busyTimeout }));
  try {
    await patiently(path, patience, () => migrate(connection, path));
    await patiently(path, patience, () => {
      connection.exec("PRAGMA journal_mode = WAL");
      // few transactions, each of which a report speaks of: a power cut must not take one back. Objects are synced
      // before their rows are written, so rows never outlive their objects either.
      connection.exec("PRAGMA synchronous = FULL");
    });
  } catch (thrown) {
    connection.close();
    throw thrown;
  }

  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = connection.prepare(sql);
    prepared.set(sql, made);
    return made;
  };
  const inside: Transaction = {
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    get: (sql, ...values) => statement(sql).get(...values),
  };

  return {
    path,
    all: (sql, ...values) => patiently(path, patience, () => statement(sql).all(...values)),
    get: (sql, ...values) => patiently(path, patience, () => statement(sql).get(...values)),
    transaction: (work) => patiently(path, patience, () => within(connection, () => work(inside))),
    close: () => connection.close(),
  };
}

async function patiently<T>(path: string, patience: number, attempt: () => T): Promise<T> {
  const began = performance.now();
  for (;;) {
    try {
      return attempt();
    } catch (thrown) {
      const waited = performance.now() - began;
      if (!isBusy(thrown) || waited >= patience) throw sqliteFailure(path, thrown, waited);
      await delay(pause);
    }
  }
}
