/** Locks a database as told (`write`: others can't write; `all`: others can do nothing) until its input ends. */
import { DatabaseSync } from "node:sqlite";

const [path = "", what] = process.argv.slice(2);
const database = new DatabaseSync(path);
if (what === "all") {
  database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE meta SET value = value; COMMIT");
} else {
  database.exec("BEGIN EXCLUSIVE");
}
console.log("locked");
process.stdin.on("end", () => database.close()).resume();
