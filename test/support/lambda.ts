/** The watchdog's function as it is deployed: its package, run by a Node of its own for each invocation. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { asset } from "@pulumi/pulumi";
import { watchdogHandler, watchdogPackage } from "../../infra/watchdog-package.ts";

const execute = promisify(execFile);

/** What Lambda does: loads the module, and calls its function with each event. */
const service = `
const [file, name, ...events] = process.argv.slice(1);
const { [name]: handler } = await import(file);
for (const event of events) await handler(JSON.parse(event));
`;

export interface LambdaFunction {
  /** The package's files by name. */
  readonly files: ReadonlyMap<string, string>;
  /**
   * @param environment all that the function gets
   * @returns what it logged
   * @throws where it failed, with what it wrote
   */
  invoke(environment: NodeJS.ProcessEnv, ...events: unknown[]): Promise<string>;
  remove(): Promise<void>;
}

export async function unpackWatchdog(): Promise<LambdaFunction> {
  const directory = await mkdtemp(join(tmpdir(), "replot-watchdog-"));
  const files = new Map<string, string>();
  for (const [name, content] of Object.entries(await watchdogPackage().assets)) {
    if (!(content instanceof asset.StringAsset)) throw new Error(`${name} is no text`);
    files.set(name, await content.text);
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), await content.text);
  }
  const dot = watchdogHandler.lastIndexOf(".");
  const [module, name] = [join(directory, `${watchdogHandler.slice(0, dot)}.mjs`), watchdogHandler.slice(dot + 1)];
  return {
    files,
    async invoke(environment, ...events) {
      const args = events.map((event) => JSON.stringify(event));
      const { stdout } = await execute(
        process.execPath,
        ["--input-type=module", "--eval", service, module, name, ...args],
        { cwd: directory, env: environment },
      );
      return stdout;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
