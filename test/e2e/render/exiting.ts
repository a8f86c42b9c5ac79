/** A runner that starts an agent in a container, twice, and exits on demand. Arguments: directory, engine, image. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { agentInContainer } from "../../../runner/render/agent/container-agent.ts";
import { createWorkDirectory, prepareForAgent } from "../../../runner/render/agent/work-directory.ts";

const [directory = "", engine = "", image = ""] = process.argv.slice(2);
const starter = agentInContainer({ engine: engine === "podman" ? engine : "docker", image, simulations: directory });
for (const name of ["work", "work 2"]) {
  const work = join(directory, name);
  await createWorkDirectory(
    work,
    { workers: 1, command: ["true"], patienceSeconds: 600, tickSeconds: 1 },
    starter.directoryMode,
  );
  await prepareForAgent(work);
  await starter.start(work);
}
while (!existsSync(join(directory, "exit"))) await sleep(20);
process.exit(130);
