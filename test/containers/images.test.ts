/** What is in the images, what they run as, and that they need nothing more once they are built. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { z } from "zod";
import { mounts } from "../../runner/deployment/task-containers.ts";
import { inspectImage, podman } from "../support/container-task.ts";
import { root } from "../support/installation.ts";
import { images, sampleData } from "./images.ts";

/** A container without network and with nothing that can be written. */
function alone(image: string, entryPoint: string, ...args: string[]): Promise<string> {
  const closed = ["--rm", "--pull=never", "--network=none", "--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL"];
  return podman("run", ...closed, `--entrypoint=${entryPoint}`, image, ...args);
}

async function json<T>(file: string, shape: z.ZodType<T>): Promise<T> {
  return shape.parse(JSON.parse(await readFile(join(root, file), "utf8")));
}

const Lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string(), dev: z.boolean().optional() })),
});

describe("the runner's image", () => {
  it("is the command line on the Node that the lock file pins, without network and without a writable file", async () => {
    const { packages } = await json("package-lock.json", Lock);
    expect(await alone(images.runner, "node", "--version")).to.equal(`v${packages["node_modules/node"]?.version}`);
    expect(await alone(images.runner, "replot", "plan", "--help")).to.contain("Usage: replot plan");
    const { version } = await json("package.json", z.object({ version: z.string() }));
    expect(await alone(images.runner, "replot", "--version")).to.equal(version);
  });

  it("has the packages that the lock file names for running, and none for developing", async () => {
    const { packages } = await json("package-lock.json", Lock);
    const wanted = Object.entries(packages)
      .filter(([path, { dev }]) => path !== "" && dev !== true)
      .map(([path, { version }]) => `${path} ${version}`);
    const installed = Lock.parse(
      JSON.parse(await alone(images.runner, "cat", "/opt/replot/node_modules/.package-lock.json")),
    );
    const found = Object.entries(installed.packages).map(([path, { version }]) => `${path} ${version}`);
    expect(found.sort()).to.deep.equal(wanted.sort());
    expect(await alone(images.runner, "ls", "/opt/replot")).to.equal(
      ["LICENSE", "bin", "catalog", "commit", "node_modules", "package.json", "runner"].join("\n"),
    );
  });

  it("runs as user 10002 and declares the two volumes, which others may write in and rename", async () => {
    const { user, volumes } = await inspectImage(images.runner);
    expect(user).to.equal("replot");
    expect(await alone(images.runner, "id", "-u")).to.equal("10002");
    expect(volumes.sort()).to.deep.equal([mounts.simulations, mounts.work].sort());
    const modes = await podman(
      "run",
      "--rm",
      "--image-volume=ignore",
      "--entrypoint=stat",
      images.runner,
      "-c",
      "%a %u",
      ...volumes,
    );
    expect(modes).to.equal("777 10002\n777 10002");
  });

  it("knows the commit that it was built from", async () => {
    expect(await alone(images.runner, "cat", "/opt/replot/commit")).to.match(/^[0-9a-f]{40}$/);
    const script = 'import("/opt/replot/runner/version.ts").then(({ commit }) => console.log(commit()))';
    expect(await alone(images.runner, "node", "-e", script)).to.match(/^[0-9a-f]{40}$/);
  });
});

describe("the R image", () => {
  it("has the packages that renv's lock file names, restored for the user that runs, and no renv", async () => {
    const shape = z.object({
      R: z.object({ Version: z.string() }),
      Packages: z.record(z.string(), z.object({ Version: z.string() })),
    });
    const { R, Packages } = await json("model/renv.lock", shape);
    const script = `library <- "/opt/ryanwhite/library"; found <- installed.packages(library);
      cat(as.character(getRversion()), "\\n", sprintf("%s %s %s\\n", found[, "Package"], found[, "Version"], file.info(file.path(library, found[, "Package"]))$uid), sep = "");
      cat("renv", requireNamespace("renv", quietly = TRUE), "\\n"); cat(.libPaths()[1])`;
    // R can't start without a directory for temporary files, which the agent gives it in a task
    const out = await podman("run", "--rm", "--network=none", "--entrypoint=Rscript", images.r, "-e", script);
    const wanted = Object.entries(Packages).map(([name, { Version }]) => `${name} ${Version} 10001`);
    const [version, ...rest] = out.split("\n").map((line) => line.trim());
    expect(version?.replace(/\.\d+$/, "")).to.equal(R.Version.replace(/\.\d+$/, ""));
    expect(rest).to.include.members([...wanted, "renv FALSE", "/opt/ryanwhite/library"]);
    expect(out).not.to.contain("Bootstrapping renv");
  });

  it("draws as user 10001 without network from inputs that it can't write, and has no need of an installation", async () => {
    const directory = await mkdtemp(join(tmpdir(), "replot-image-"));
    try {
      await chmod(directory, 0o755);
      const job =
        "jobs: [{ city: C.12580, scenarios: [cessation], outcomes: [incidence], statistics: [mean.and.interval], facets: [none] }]\n";
      await writeFile(join(directory, "job.yaml"), job);
      const out = await podman(
        ...[
          "run",
          "--rm",
          "--pull=never",
          "--network=none",
          "--read-only",
          "--read-only-tmpfs=false",
          "--cap-drop=ALL",
        ],
        ...["--security-opt=label=disable", `--volume=${await sampleData()}/simulations:/srv/ryanwhite/simulations:ro`],
        ...[
          `--volume=${directory}:/job:ro`,
          "--mount=type=tmpfs,destination=/out,tmpfs-mode=0777",
          "--env=TMPDIR=/out",
        ],
        ...["--entrypoint=sh", images.r, "-c"],
        'id -u; batch --config /job/job.yaml --output-dir /out/plots && find /out/plots -name "*.json" | sort && head -c 9 /out/plots/*/*/incidence_mean.and.interval_unfaceted.json',
      );
      expect(out.split("\n")[0]).to.equal("10001");
      expect(out)
        .to.contain("SUCCESS: Generated")
        .and.to.contain("incidence_mean.and.interval_unfaceted_metadata.json");
      expect(out)
        .to.match(/\n\{"data":\[$/)
        .and.not.to.contain("Bootstrapping renv");
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("is not built from a base whose R is another than the lock file's, or that lacks a system library", async () => {
    const directory = await mkdtemp(join(tmpdir(), "replot-image-"));
    try {
      await chmod(directory, 0o755);
      const lock = await readFile(join(root, "model/renv.lock"), "utf8");
      await writeFile(join(directory, "other.lock"), lock.replace(/"4\.\d+\.\d+"/, '"4.1.3"'));
      await writeFile(join(directory, "same.lock"), lock);
      await writeFile(join(directory, "libraries"), "r-base-core run\nlibno-such-dev build\n");
      const check = (file: string): Promise<string> =>
        podman(
          ...["run", "--rm", "--pull=never", "--network=none", "--security-opt=label=disable", "--entrypoint=sh"],
          ...[`--volume=${directory}:/job:ro`, `--volume=${root}/model/image/check:/check:ro`, images.r],
          ...["/check", `/job/${file}`, "/job/libraries"],
        ).catch((error: unknown) => String(error));
      expect(await check("other.lock")).to.match(/other\.lock is for R 4\.1, but the base image has R 4\.5/);
      expect(await check("same.lock")).to.match(/not installed, though \/job\/libraries lists them: libno-such-dev/);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("is left without what compiled it", async () => {
    const tools = ["gcc", "make", "cc"].map((tool) => `command -v ${tool} || echo no ${tool}`).join("; ");
    expect(await alone(images.r, "sh", "-c", tools)).to.equal("no gcc\nno make\nno cc");
  });
});

for (const [name, image, most] of [
  ["runner's", images.runner, 280],
  ["R", images.r, 280],
] as const) {
  describe(`the ${name} image`, () => {
    it(`is small, and has nothing in it of the machine that built it`, async () => {
      const { bytes, environment } = await inspectImage(image);
      expect(bytes / 1e6).to.be.lessThan(most);
      expect(environment.join("\n")).not.to.match(/proxy|cert|token|secret|password/i);
      const look = [
        "ls -A /run/secrets /usr/local/share/ca-certificates 2>/dev/null",
        "ls -A /root | grep -vxE '.bashrc|.profile'",
        // Debian's certificates and no others
        "[ ! -e /etc/ssl/certs/ca-certificates.crt ] || [ $(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt) = $(ls /usr/share/ca-certificates/mozilla | wc -l) ] || echo certificates",
        // its sources of packages are Debian's
        "grep -rhE '^(deb|URIs:)' /etc/apt/sources.list* | grep -v '//deb.debian.org/'",
        "true",
      ].join("; ");
      const apart = ["--rm", "--network=none", "--user=0", "--image-volume=ignore"];
      const found = await podman("run", ...apart, "--entrypoint=sh", image, "-c", look);
      expect(found.replace(/^.*:$/gm, "").trim()).to.equal("");
    });
  });
}
