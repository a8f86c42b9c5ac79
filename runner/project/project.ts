/** The project file `replot.yaml`: what belongs to one model, so that commands need no options. */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { fields, numeric, text } from "../catalog/fields.ts";
import { readPositionedYaml } from "../catalog/positions.ts";
import { problemLines, schemaProblems } from "../catalog/problems.ts";
import { UsageError } from "../errors.ts";

export const projectFileName = "replot.yaml";

/** `true` or `false`, read from its text. */
const flag = z.enum(["true", "false"]).transform((written) => written === "true");

/** One text of words separated by blanks, or a list of words. */
const words = z.union([text, z.array(text).min(1)]);

const ProjectFile = fields({
  /** What can be plotted. */
  catalog: text.optional(),
  /** The directory in which `simulations/` lies. */
  data: text.optional(),
  /** What draws. With an image, `command` is run in it. */
  program: fields({
    command: words.optional(),
    image: text.optional(),
    /** Files and directories that a program on this machine uses beside those that its command names. */
    watch: z.array(text).optional(),
    /** Whether it takes `--events FILE`. */
    events: flag.optional(),
  })
    .refine(({ command, image }) => command !== undefined || image !== undefined, "expected command or image")
    .optional(),
  /** Processes of the program at once. */
  workers: numeric(z.int().positive()).optional(),
  /** Pages beside plots. */
  html: z.enum(["true", "false", "self-contained"]).optional(),
  /** What commands draw where none is named. */
  preset: text.optional(),
});

/** A project file's content. Paths are absolute; what the file leaves out is undefined. */
export interface Project {
  readonly file: string;
  /** The file's directory. The words of `command` are relative to it. */
  readonly directory: string;
  readonly catalog: string | undefined;
  readonly data: string | undefined;
  readonly program: ProjectProgram | undefined;
  readonly workers: number | undefined;
  readonly html: boolean | "self-contained" | undefined;
  readonly preset: string | undefined;
}

export interface ProjectProgram {
  /** A text whose words are separated by blanks, or word by word. */
  readonly command: string | readonly string[] | undefined;
  readonly image: string | undefined;
  readonly watch: readonly string[] | undefined;
  readonly events: boolean | undefined;
}

/**
 * Reads the text of a project file.
 * @param file its absolute path
 * @throws UsageError that lists every problem as `file:line:column: path: what is wrong`
 */
export function parseProject(content: string, file: string): Project {
  const yaml = readPositionedYaml(content);
  if (yaml.errors.length > 0) {
    const lines = yaml.errors.map(({ line, column, text }) => `${file}:${line}:${column}: not YAML: ${text}`);
    throw new UsageError(lines.join("\n"));
  }
  const value = yaml.value ?? {};
  const parsed = ProjectFile.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    throw new UsageError(problemLines(file, yaml, schemaProblems(parsed.error.issues)).join("\n"));
  }
  const { catalog, data, program, workers, html, preset } = parsed.data;
  const directory = dirname(file);
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(directory, path));
  return {
    file,
    directory,
    catalog: absolute(catalog),
    data: absolute(data),
    program: program && {
      command: program.command,
      image: program.image,
      watch: program.watch?.map((path) => resolve(directory, path)),
      events: program.events,
    },
    workers,
    html: html === undefined || html === "self-contained" ? html : html === "true",
    preset,
  };
}
