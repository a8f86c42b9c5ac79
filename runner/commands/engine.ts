/** What draws: a program on this machine, or a container image, behind the same agent. */
import { delimiter, join } from "node:path";
import { agentAsChild } from "../render/child.ts";
import { openRenderPool, type RenderPool } from "../render/pool.ts";
import { root, type Settings } from "../settings.ts";

export interface Engine {
  /** Identity of what draws; rows carry it as `image`. */
  readonly identity: string;
  open(workDirectory: string, dataDirectory: string, onTrouble: (text: string) => void): Promise<RenderPool>;
}

/** The environment of R on this machine: the sample model's library is found beside what is installed. */
export function rEnvironment(): NodeJS.ProcessEnv {
  const library = join(root, ".r-library");
  const others = process.env["R_LIBS"];
  return { ...process.env, R_LIBS: others ? `${library}${delimiter}${others}` : library };
}

export async function openEngine(settings: Settings): Promise<Engine> {
  return programEngine(settings);
}

async function programEngine(settings: Settings): Promise<Engine> {
  return {
    identity: "local:dev",
    async open(workDirectory, dataDirectory, onTrouble) {
      return openRenderPool({
        directory: workDirectory,
        agent: agentAsChild(rEnvironment()),
        workers: settings.workers,
        command: settings.rCommand,
        cwd: dataDirectory,
        events: settings.rEvents,
        onTrouble,
      });
    },
  };
}
export async function checkImage(_: string): Promise<never> {
  throw new Error("soon");
}
