/** Can an image draw for replot, and with which settings? It is tried as a task would use it: another entry point, no network. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { z } from "zod";
import { bindMount, describeImage } from "../render/agent/container-agent.ts";
import type { ContainerEngine } from "../render/agent/container-engine.ts";
import { characterSetScript, localeRemarks } from "../render/agent/locale.ts";
import { cleanLines } from "../text/clean.ts";
import { type Finding, ok, warn, wrong } from "./check.ts";
import { type Execution, execute } from "./program.ts";

export interface ImageExam {
  readonly engine: ContainerEngine;
  readonly image: string;
  /** The YAML of a job with one plot. */
  readonly job: string;
  /** Where `simulations/` lies with the job's inputs; undefined where these are not at hand. */
  readonly data: string | undefined;
  /** How the image is called, where somebody knows it. */
  readonly command: readonly string[] | undefined;
}

/** Settings of a stack that is to use the image; absent where nothing works. */
export interface ImageConfiguration {
  readonly rImage: string;
  readonly rCommand: readonly string[];
  readonly rDirectory: string;
  readonly rEvents: boolean;
  readonly rReadOnlyRoot: boolean;
}

export interface ImageReport {
  readonly findings: readonly Finding[];
  readonly configuration: ImageConfiguration | undefined;
}

const Inspected = z.tuple([
  z.looseObject({
    Os: z.string(),
    Architecture: z.string(),
    RepoDigests: z.array(z.string()).nullish(),
    Config: z.object({ User: z.string().nullish(), Entrypoint: z.array(z.string()).nullish() }).nullish(),
  }),
]);

const work = "/work";

/** Exit code of engines, as of shells, for a program that isn't there. */
const notFound = 127;

/** @throws UnavailableError where the engine has no such image and can't pull it */
export async function examineImage(exam: ImageExam): Promise<ImageReport> {
  const { engine, image, command } = exam;
  const { id, identity, workingDirectory } = await describeImage(engine, image);
  const inspected = await execute([engine, "image", "inspect", id], process.cwd(), process.env);
  const [{ Os, Architecture, RepoDigests, Config }] = Inspected.parse(JSON.parse(inspected.output));
  const entryPoint = Config?.Entrypoint ?? [];
  const directory = await mkdtemp(join(tmpdir(), "replot-image-"));
  const findings: Finding[] = [checkPlatform(identity, `${Os}/${Architecture}`)];
  try {
    const simulations = await prepare(directory, exam);
    const run = (words: readonly string[], limits: readonly string[]): Promise<Execution> =>
      execute(
        [
          ...[engine, "run", "--rm", "--pull=never", "--security-opt=label=disable", `--env=TMPDIR=${work}/tmp`],
          bindMount(directory, work, "read-write"),
          bindMount(simulations, posix.join(workingDirectory, "simulations"), "read-only"),
          ...limits,
          ...["--entrypoint=sh", id, "-c", 'cd "$1" && shift && exec "$@"', "replot", workingDirectory, ...words],
        ],
        directory,
        process.env,
      );
    const shell = await run(["sh", "-c", "id -u || true"], confined);
    if (shell.code !== 0) {
      const said = lastLines(shell.output);
      findings.push(
        shell.code === notFound
          ? wrong("Shell", `there is no sh in it: ${said}`, "add a shell to the image")
          : wrong(
              "Container",
              `it can't be run here: ${said}`,
              `try it by hand: ${engine} run --rm --entrypoint sh ${image} -c true`,
            ),
      );
      return { findings, configuration: undefined };
    }
    const user = Config?.User || "root";
    findings.push(ok("Shell", "sh"), ok("User", `${user} (id ${shell.output.trim() || "unknown"})`));
    findings.push(ok("Working directory", `${workingDirectory}; inputs are mounted at simulations/ in it`));
    findings.push(
      ok("Entry point", `${entryPoint.join(" ") || "none"}; a task replaces it, so rCommand calls the program`),
    );

    const characterSet = (await run(["sh", "-c", characterSetScript], confined)).output.trim();
    findings.push(checkLocale(characterSet));

    const tried = command === undefined ? candidates(entryPoint) : [command];
    const found = await tryAll(tried, run, exam.data !== undefined);
    findings.push(...found.findings);
    if (found.works === undefined) return { findings, configuration: undefined };
    const { command: rCommand, readOnly: rReadOnlyRoot } = found.works;
    const help = await run([...rCommand, "--help"], confined);
    const rEvents = help.output.includes("--events");
    findings.push(ok("Events", rEvents ? "tells of each plot (--events)" : "none: plots are found by looking"));
    // Podman gives every image a digest, under a registry that is none
    const pushed = (RepoDigests ?? []).some((name) => !name.startsWith("localhost/"));
    if (!pushed) {
      const remedy = "push it, and give rImage its name with the registry's digest";
      findings.push(warn("Registry", "it was never pushed to one, and a task needs it there", remedy));
    }
    return {
      findings,
      configuration: { rImage: identity, rCommand, rDirectory: workingDirectory, rEvents, rReadOnlyRoot },
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const confined = ["--network=none", "--read-only"];

type Run = (words: readonly string[], limits: readonly string[]) => Promise<Execution>;

/** The first command that honours the contract, with as little as it can do with. */
async function tryAll(
  commands: readonly (readonly string[])[],
  run: Run,
  hasInputs: boolean,
): Promise<{
  readonly works: { readonly command: readonly string[]; readonly readOnly: boolean } | undefined;
  readonly findings: readonly Finding[];
}> {
  const what = "Batch contract";
  const dryRun = (file: string) => ["--config", `${work}/${file}`, "--output-dir", `${work}/output`, "--dry-run"];
  const said: string[] = [];
  for (const limits of [confined, ["--network=none"], []]) {
    for (const command of commands) {
      const name = command.join(" ");
      const { code, output } = await run([...command, ...dryRun("job.yaml")], limits);
      // without inputs the plot can't be drawn, which the contract says with 1
      if (code !== 0 && (hasInputs || code !== 1)) {
        if (limits === confined) said.push(`${name}: ended with ${code ?? "a signal"}: ${lastLines(output)}`);
        continue;
      }
      // what succeeds at a job that isn't there would succeed at anything
      const nothing = await run([...command, ...dryRun("no-such-job.yaml")], limits);
      if (nothing.code === code || nothing.code === 0) {
        const words =
          code === 0 ? "takes a job file that does not exist for done" : `ended with 1: ${lastLines(output)}`;
        if (limits === confined) said.push(`${name}: ${words}`);
        continue;
      }
      const readOnly = limits.includes("--read-only");
      if (limits.length === 0) {
        const remedy = "it must do without: a run gives it no network on a laptop, and no credentials in AWS";
        return { works: undefined, findings: [wrong("Network", `${name} works only with a network`, remedy)] };
      }
      return {
        works: { command, readOnly },
        findings: [
          code === 0
            ? ok(what, `${name} --config … --dry-run, of one plot`)
            : warn(what, `${name} answers, and could draw nothing without inputs`, "name their directory with --data"),
          ok("Network", "not needed"),
          readOnly
            ? ok("Read-only root", "works with it")
            : warn(
                "Read-only root",
                "needs to write outside the work directory",
                "set rReadOnlyRoot to false, as below",
              ),
        ],
      };
    }
  }
  const remedy = 'name its command: --r-command "PROGRAM ARGS"; docs/program.md has what it is called with';
  return { works: undefined, findings: [wrong(what, said.join("\n"), remedy)] };
}

/** How images of this kind are called: by a command of their own, or by their entry point's program. */
function candidates(entryPoint: readonly string[]): (readonly string[])[] {
  return [["batch"], ...(entryPoint.length === 0 ? [] : [[...entryPoint, "batch"], entryPoint])];
}

function checkPlatform(identity: string, platform: string): Finding {
  return platform === "linux/amd64"
    ? ok("Image", `${identity}, ${platform}`)
    : wrong(
        "Image",
        `${identity} is for ${platform}`,
        "build it with --platform linux/amd64, which Fargate runs it on",
      );
}

function checkLocale(characterSet: string): Finding {
  const [remark] = localeRemarks(characterSet);
  const set = characterSet || "not told (there is no program locale in it), taken for UTF-8";
  return remark === undefined
    ? ok("Character set", set)
    : warn("Character set", remark, "in its Dockerfile: ENV LANG=C.UTF-8, or another UTF-8 locale that it has");
}

/** The work directory, for whatever user the image has. @returns where the inputs lie */
async function prepare(directory: string, { job, data }: ImageExam): Promise<string> {
  await chmod(directory, 0o777);
  await writeFile(join(directory, "job.yaml"), job, { mode: 0o644 });
  for (const name of ["tmp", "output", "simulations"]) {
    await mkdir(join(directory, name));
    await chmod(join(directory, name), 0o777);
  }
  return join(data ?? directory, "simulations");
}

function lastLines(output: string): string {
  return cleanLines(output).slice(-3).join("\n") || "without a word";
}

/** What to type, so that a stack, or this machine, uses the image. */
export function configurationText({
  rImage,
  rCommand,
  rDirectory,
  rEvents,
  rReadOnlyRoot,
}: ImageConfiguration): string {
  const plain = rCommand.every((word) => /^[\w@%+=:,./-]+$/.test(word));
  const command = plain ? rCommand.join(" ") : JSON.stringify(rCommand);
  return [
    "Configuration of a stack that uses it:",
    `  pulumi config set rImage ${rImage}`,
    `  pulumi config set rCommand '${command.replaceAll("'", "'\\''")}'`,
    `  pulumi config set rDirectory ${rDirectory}`,
    `  pulumi config set rEvents ${rEvents}`,
    `  pulumi config set rReadOnlyRoot ${rReadOnlyRoot}`,
  ].join("\n");
}
