/** All or nothing. */
import type { DatabaseSync } from "node:sqlite";

/** One immediate transaction, rolled back when the work throws. */
export function within<T>(connection: DatabaseSync, work: () => T): T {
  // immediate: a transaction that begins by reading can't be sure to be allowed to write
  connection.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    connection.exec("COMMIT");
    return result;
  } catch (thrown) {
    // a full disk has rolled it back already
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw thrown;
  }
}
