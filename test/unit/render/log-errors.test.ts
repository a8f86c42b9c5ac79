import { expect } from "chai";
import { describe, it } from "mocha";
import { findErrors } from "../../../runner/render/attempt/log-errors.ts";
import { cleanLines } from "../../../runner/text/clean.ts";

describe("errors that a program logs", () => {
  const dialects: Readonly<Record<string, string>> = {
    "the batch contract": "[2026-01-01 10:00:01] ERROR: no such column",
    "futile.logger, logger and log4r": "ERROR [2026-01-01 10:00:01] no such column",
    lgr: "ERROR [10:00:01.123] no such column",
    "lgr with colours": "\u001b[31mERROR\u001b[39m [10:00:01.123] no such column",
    "R's logging": "2026-01-01 10:00:01 ERROR::no such column",
    "Python's logging": "2026-01-01 10:00:01,123 - replot - ERROR - no such column",
    loguru: "2026-01-01 10:00:01.123 | ERROR    | no such column",
    "a level in brackets": "[ERROR] 2026-01-01T10:00:01Z no such column",
    "a level alone": "FATAL: no such column",
    JSON: '{"time":"2026-01-01 10:00:01","level":"ERROR","pid":7,"msg":"no such \\"column\\""}',
  };
  for (const [dialect, line] of Object.entries(dialects)) {
    it(`are found as ${dialect} writes them`, () => {
      const log = ["INFO [2026-01-01 10:00:00] ERRORS may follow", line, "[2026-01-01 10:00:02] INFO: 0 ERROR lines"];
      const { logged } = findErrors(cleanLines(log.join("\n")));
      expect(logged.map((text) => text.replaceAll('"', ""))).to.deep.equal(["no such column"]);
    });
  }

  it("keep what their message begins with, even in brackets", () => {
    expect(findErrors(["[2026-01-01 10:00:01] ERROR: [12/27] C.1/s/o: no data"]).logged).to.deep.equal([
      "[12/27] C.1/s/o: no data",
    ]);
  });
});

describe("the error that ended a program", () => {
  const cases: Readonly<Record<string, readonly [log: string, error: string]>> = {
    "as R says it, with its message on the next line": [
      "Error in load(file) : \n  empty input file\nCalls: main -> load\nExecution halted",
      "Error in load(file) : empty input file",
    ],
    "the last of several, without what came after it": [
      "Error in a : first\nExecution halted\nError: second\nthird\nIn addition: Warning message:\nfourth",
      "Error: second third",
    ],
    "with the file that a connection could not be opened to": [
      "Error in file(con) : cannot open the connection\nCalls: main -> file\nIn addition: Warning message:\n" +
        "In file(con) :\n  cannot open file 'a.txt': No such file or directory\nExecution halted",
      "Error in file(con) : cannot open the connection (cannot open file 'a.txt': No such file or directory)",
    ],
    "as rlang says it, with all its causes, without colours and backtrace": [
      "\u001b[1m\u001b[31mError\u001b[39m in `draw()`:\u001b[22m\n\u001b[33m!\u001b[39m column `year` not found\n" +
        "\u001b[34mℹ\u001b[39m have: month\n\u001b[1mCaused by error in `f()`:\u001b[22m\n! no such file\n" +
        "Backtrace:\n    ▆\n 1. └─global draw()\nRun `rlang::last_trace()` to see more.\nExecution halted",
      "Error in `draw()`: column `year` not found have: month Caused by error in `f()`: no such file",
    ],
    "as a printed condition": ["<simpleError in draw(): gave up>\nbye", "<simpleError in draw(): gave up>"],
    "as Python says it": [
      'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: not a year',
      "ValueError: not a year",
    ],
    "in German": [
      "Fehler in readChar(con) : \n  kann Verbindung nicht öffnen\nRuft auf: load -> readChar\n" +
        "Zusätzlich: Warnmeldung:\nIn readChar(con) :\n  kann Datei nicht öffnen\nAusführung angehalten",
      "Fehler in readChar(con) : kann Verbindung nicht öffnen",
    ],
    "in French": ["Erreur : perdu\nExécution arrêtée", "Erreur : perdu"],
    "in Russian": [
      "Ошибка в readChar(con) :не могу\nВызовы: f\nВыполнение остановлено",
      "Ошибка в readChar(con) :не могу",
    ],
    "in Japanese": [
      " f() でエラー: \n   開けません \n 呼び出し:  f\n 実行が停止されました ",
      "f() でエラー: 開けません",
    ],
  };
  for (const [name, [log, error]] of Object.entries(cases)) {
    it(`is told ${name}`, () => {
      expect(findErrors(cleanLines(log)).uncaught).to.equal(error);
    });
  }

  it("is not what only looks like one", () => {
    for (const log of ["Errors: none", "Error bars are drawn", "all well"]) {
      expect(findErrors([log]).uncaught, log).to.equal(undefined);
    }
  });

  it("is told by the last words where nothing calls itself an error, never by R's Execution halted", () => {
    expect(findErrors(["loading", "gave up", "Calls: main -> draw", "Execution halted"]).lastWords).to.equal("gave up");
    expect(findErrors(["abgebrochen", "Ausführung angehalten"]).lastWords).to.equal("abgebrochen");
  });
});
