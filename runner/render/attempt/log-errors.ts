/** Finds the errors in a log, in the dialects of R, of its logging packages and of Python. */
import { shorten } from "../../text/clean.ts";

export interface LoggedErrors {
  /** What the program logged as errors, in order, repeats included. */
  readonly logged: readonly string[];
  /** The last error that nothing caught, on one line: `Error in load(file) : empty (zero-byte) input file`. */
  readonly uncaught: string | undefined;
  /** Whether {@link uncaught} came after everything in {@link logged}, so that it is what ended the program. */
  readonly uncaughtIsLast: boolean;
  /** The last line that says something: neither R's "Execution halted" nor a traceback. */
  readonly lastWords: string | undefined;
}

/** @param log cleaned lines */
export function findErrors(log: readonly string[]): LoggedErrors {
  const logged = log.flatMap((line, place) => {
    const message = loggedError(line);
    return message === undefined ? [] : [{ message, place }];
  });
  const start = log.findLastIndex(beginsError);
  return {
    logged: logged.map(({ message }) => message),
    uncaught: start < 0 ? undefined : wholeError(log.slice(start)),
    uncaughtIsLast: start > (logged.at(-1)?.place ?? -1),
    lastWords: log.findLast((line) => !endsError(line))?.trim(),
  };
}

const time = String.raw`\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`;
const date = String.raw`\d{4}[-/]\d\d[-/]\d\d`;
/** What stands before a level: `[anything]`, a date, a time. */
const stamp = String.raw`(?:\[[^\]]*\]|${date}[T ]?(?:${time})?|${time})`;
const separators = String.raw`[\s|:-]*`;
/**
 * `[time] ERROR: …`, `ERROR [time] …` (futile.logger, logger, log4r, lgr), `time - name - ERROR - …` (Python),
 * `ERROR: …`. After the level only a bracket with a time in it is no part of the message.
 */
const levelLine = new RegExp(
  String.raw`^(?:${stamp}${separators})*(?:[\w.]+ - )?\[?(?:ERROR|FATAL|CRITICAL)\]?(?![\w.])` +
    String.raw`(?:${separators}(?:\[[^\]]*${time}[^\]]*\]|${date}[T ]${time}))?${separators}(.*)$`,
);
/** A line of a log that writes JSON: its level, and its message as a JSON string. */
const jsonLevel = /"(?:level|levelname|severity)"\s*:\s*"(?:error|fatal|critical)"/i;
const jsonMessage = /"(?:msg|message)"\s*:\s*("(?:[^"\\]|\\.)*")/;

function loggedError(line: string): string | undefined {
  if (line.startsWith("{") && jsonLevel.test(line)) {
    const quoted = jsonMessage.exec(line)?.[1];
    return quoted === undefined ? line : unquoted(quoted);
  }
  return levelLine.exec(line)?.[1] || undefined;
}

function unquoted(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json;
  }
}

/** The level of a line that is no error: such a line ends an error's message. */
const otherLevel = /^(?:\[[^\]]*\]|[\d:.,TZ +-]+)?\s*\[?(?:TRACE|DEBUG|INFO|SUCCESS|NOTICE|WARN|WARNING)\b/;

/** `Error` as R's translations of its messages have it, at the beginning of the line or (in Japanese, Korean) at its end. */
const errorWord =
  /^\s*(?:(?:Error|Fehler|Erreur|Errore|Erro|Fejl|Feil|Klaida|Hata|Błąd|BŁĄD|Ошибка)(?![\p{L}\p{N}_]).*[:：]|エラー|以下にエラー|에러|다음에 오류|错误|錯誤|.*(?:でエラー|같은 에러가 발생했습니다)\s*[:：])/u;
/** `<simpleError in draw(): gave up>`, as R prints a condition; `ValueError: …`, as Python ends a traceback. */
const printedError = /^<\w*[eE]rror\b.*>$|^(?:\w+\.)*\w+(?:Error|Exception)(?::|$)/;

function beginsError(line: string): boolean {
  return errorWord.test(line) || printedError.test(line);
}

/** `Calls:`, `In addition:` and `Execution halted` in the languages of R's messages. */
const afterError = [
  /^\s*(?:Calls|Ruft auf|Appels|Kald|Chiamate|Iškvietimai|Wywołania|Вызовы|呼び出し|호출|呼叫)\s*[:：]/,
  /^\s*(?:In addition|Zusätzlich|De plus|Además|In aggiunta|Be to|I tillegg|Dodatkowo|Além disso|Вдобавок|Ek olarak|追加情報|추가정보|此外)\s*[:：]/,
  /^\s*(?:Execution halted|Ausführung angehalten|Exécution arrêtée|Kørsel stoppet|Ejecución interrumpida|Esecuzione interrotta|Vykdymas sustabdytas|Stoppa køyring|Wykonywanie wstrzymane|Execução interrompida|Выполнение остановлено|Çalıştırma durduruldu|実行が停止されました|실행이 정지되었습니다|停止执行|停止執行)\s*$/,
  /^\s*(?:Warning|Backtrace:|Traceback|Run `rlang::|▆|\d+[.:] )/,
];

function endsError(line: string): boolean {
  return afterError.some((pattern) => pattern.test(line));
}

/** Lines of one error, at most: rlang writes one for each cause. */
const errorLines = 8;
/** rlang marks the parts of a message: `! column not found`. */
const bullet = /^(?:[!✖ℹ•]|[xi*](?= ))\s*/;

/** @param lines from the error's first on */
function wholeError(lines: readonly string[]): string {
  const [first = "", ...rest] = lines;
  if (printedError.test(first)) return first;
  const end = rest.findIndex((line) => endsError(line) || otherLevel.test(line) || line.startsWith("["));
  const own = lines.slice(0, Math.min(end < 0 ? lines.length : end + 1, errorLines));
  const words = own.map((line) => line.trim().replace(bullet, "")).join(" ");
  const file = /cannot open the connection$/.test(words)
    ? rest.find((line) => /cannot open .*'/.test(line))
    : undefined;
  return shorten(file === undefined ? words : `${words} (${file.trim()})`);
}
