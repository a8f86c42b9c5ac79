/** Images of nothing but BusyBox and what a test puts into them, and an engine that runs them. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findContainerEngine } from "../../runner/render/agent/container-agent.ts";
import type { ContainerEngine } from "../../runner/render/agent/container-engine.ts";

export interface BusyboxImage {
  readonly name: string;
  /** Programs by their paths in the image, with their text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Instructions of a Dockerfile. */
  readonly changes?: readonly string[];
  /** Names that BusyBox has in it. */
  readonly programs?: readonly string[];
}

export interface Busybox {
  readonly engine: ContainerEngine;
  image(image: BusyboxImage): Promise<void>;
  /** Removes the images. */
  remove(): Promise<void>;
}

const usual = ["sh", "mv", "mkdir", "sleep", "rm", "cat", "touch", "ls", "id", "true", "setsid"];

/** @returns why there is none, where this machine can't run containers */
export async function openBusybox(): Promise<Busybox | string> {
  const engine = await findContainerEngine();
  // a dynamic one needs libraries that the image does not have
  const program = ["/bin/busybox", "/usr/bin/busybox"].find(
    (file) => existsSync(file) && !readFileSync(file).includes("/lib64/ld-linux"),
  );
  if (engine === undefined) return "neither Docker nor Podman answers";
  if (program === undefined) return "no static busybox";

  const names: string[] = [];
  const image = async ({ name, files = {}, changes = [], programs = usual }: BusyboxImage): Promise<void> => {
    const directory = await mkdtemp(join(tmpdir(), "replot-busybox-"));
    const root = join(directory, "root");
    for (const made of ["bin", "work", "app/simulations", "tmp"]) mkdirSync(join(root, made), { recursive: true });
    copyFileSync(program, join(root, "bin", "busybox"));
    for (const link of programs) symlinkSync("busybox", join(root, "bin", link));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), 0o755);
    }
    const archive = join(directory, "root.tar");
    execFileSync("tar", ["-C", root, "-cf", archive, "."]);
    const instructions = ["WORKDIR /app", ...changes].flatMap((change) => ["--change", change]);
    execFileSync(engine, ["import", ...instructions, archive, name], { stdio: "ignore" });
    names.push(name);
    await rm(directory, { recursive: true, force: true });
  };

  const probe = `localhost/replot-test-probe:${process.pid}`;
  await image({ name: probe });
  const settings = await mkdtemp(join(tmpdir(), "replot-containers-"));
  const before = process.env["CONTAINERS_CONF"];
  const remove = async (): Promise<void> => {
    execFileSync(engine, ["rmi", "--force", ...names], { stdio: "ignore" });
    if (before === undefined) delete process.env["CONTAINERS_CONF"];
    else process.env["CONTAINERS_CONF"] = before;
    await rm(settings, { recursive: true, force: true });
  };
  const attempt = (): string | undefined => {
    try {
      execFileSync(engine, ["run", "--rm", "--network=none", probe, "true"], { stdio: "pipe" });
      return undefined;
    } catch (error) {
      return error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? error.message) : String(error);
    }
  };
  if (attempt() === undefined) return { engine, image, remove };
  // once more with the settings that a confined machine needs
  const file = join(settings, "containers.conf");
  await writeFile(
    file,
    '[engine]\nruntime = "runc"\n[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n',
  );
  process.env["CONTAINERS_CONF"] = file;
  const failure = attempt();
  if (failure === undefined) return { engine, image, remove };
  await remove();
  return `${engine} cannot run a container here: ${failure}`;
}
