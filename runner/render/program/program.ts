/** The program that draws on this machine: the words of its command, and the files that they name. */
import { statSync } from "node:fs";
import { basename, delimiter, isAbsolute, join, resolve } from "node:path";
import { UsageError } from "../../errors.ts";

/** One word of a command. */
export interface Word {
  readonly written: string;
  /** What the program is started with: a path is absolute, since R runs in another directory than its caller. */
  readonly resolved: string;
  /** The file that the word names, absolute; undefined where it names none. */
  readonly file: string | undefined;
}

export interface Program {
  /** The first one names the program itself. */
  readonly words: readonly Word[];
  /** Files and directories that somebody named with `--watch`; absolute. */
  readonly watch: readonly string[];
}

export interface ProgramOptions {
  /** Where relative names are looked for: the directory of whoever wrote the command. */
  readonly directory: string;
  /** R's working directory. A relative name that the first directory lacks is looked for here. */
  readonly workingDirectory: string;
  /** Further files and directories that the program uses. */
  readonly watch: readonly string[];
  /** Where their relative names are looked for. Default: `directory`. */
  readonly watchDirectory?: string;
  /** Where they are named, for messages. Default `--watch`. */
  readonly watchNamedIn?: string | undefined;
}

/**
 * Resolves a command as a shell in `directory` would, so that what is watched is what runs.
 * @param command word by word
 * @throws UsageError where `watch` names something that does not exist
 */
export function resolveProgram(command: readonly string[], options: ProgramOptions): Program {
  const [program = "", ...others] = command;
  const { directory, watchDirectory = directory, watchNamedIn = "--watch" } = options;
  return {
    words: [resolveFirst(program, options), ...others.map((word) => resolveWord(word, options))],
    watch: options.watch.map((path) => {
      const absolute = resolve(watchDirectory, path);
      if (kindOf(absolute) !== undefined) return absolute;
      throw new UsageError(`${watchNamedIn} names ${path}, and there is no such file in ${watchDirectory}`);
    }),
  };
}

/** The program itself: a name without a slash is looked for on the PATH. */
function resolveFirst(word: string, options: ProgramOptions): Word {
  if (word.includes("/")) return resolveWord(word, options);
  for (const entry of searchPath()) {
    const file = resolve(options.directory, join(entry, word));
    // a relative entry of the PATH means another directory where R runs
    if (kindOf(file) === "file") return { written: word, resolved: isAbsolute(entry) ? word : file, file };
  }
  return { written: word, resolved: word, file: undefined };
}

/** Any other word: a path, or `--option=PATH`. */
function resolveWord(word: string, { directory, workingDirectory }: ProgramOptions): Word {
  const [, option = "", value = word] = /^(--?[\w-]+=)(.+)$/.exec(word) ?? [];
  if (option !== "" || !word.startsWith("-")) {
    for (const start of [directory, workingDirectory]) {
      const path = resolve(start, value);
      const kind = kindOf(path);
      const resolved = isAbsolute(value) ? word : `${option}${path}`;
      if (kind === "file") return { written: word, resolved, file: path };
      // a plain word may be a subcommand that happens to be called like a directory
      if (kind === "directory" && /\/|^\.\.?$/.test(value)) return { written: word, resolved, file: undefined };
    }
  }
  return { written: word, resolved: word, file: undefined };
}

function kindOf(path: string): "file" | "directory" | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return "file";
  return stats?.isDirectory() ? "directory" : undefined;
}

/** Files that the command names, without a program that was found on the PATH: that one belongs to the machine. */
export function ownFiles({ words }: Program): string[] {
  return words.flatMap(({ file, written }, place) =>
    file === undefined || (place === 0 && !written.includes("/")) ? [] : [file],
  );
}

/** Directories in which a shell looks for programs. They hold many programs, which have nothing to do with each other. */
export function searchPath(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((entry) => entry !== "");
}

const shell = /^(ba|da|z|k|fi)?sh$/;

/** Whether a word of the command makes an interpreter run text or a module instead of a file: `-e`, `-c`, `-m`. */
export function takesText({ words: [program, ...others] }: Program): boolean {
  const options = others.slice(0, others.findIndex(({ file }) => file !== undefined) >>> 0);
  const name = basename(program?.written ?? "");
  // `sh -e FILE` only means that errors end it
  const text = shell.test(name) ? /^-[a-z]*c$/ : /^(-[cem]|-[lnp]+e|--eval(=.*)?)$/;
  return options.some(({ written }) => text.test(written));
}
