/** The images under test, which scripts/test-containers builds, and what they draw from. */
import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { podman } from "../support/container-task.ts";
import { root } from "../support/installation.ts";

export const images = {
  runner: "localhost/replot-runner:test",
  r: "localhost/replot-r:test",
  /** The foreign program of the tests, as an image of its own. */
  weather: "localhost/replot-weather:test",
  /** The runner with that program's catalog. */
  weatherRunner: "localhost/replot-weather-runner:test",
} as const;

/** Where the images have these, in the runner. */
export const catalogs = {
  sample: "/opt/replot/catalog/ryan-white.yaml",
  weather: "/opt/replot/catalog/weather.yaml",
} as const;

/** A data directory that every user may read. */
async function dataDirectory(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "replot-containers-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755);
  return directory;
}

const apart = ["run", "--rm", "--pull=never", "--network=none", "--user=0", "--security-opt=label=disable"];

let sample: Promise<string> | undefined;

/** The four cities of the preset `test`, simulated by the sample model's image; few draws, which is quick. */
export function sampleData(): Promise<string> {
  sample ??= dataDirectory().then(async (directory) => {
    const cities = ["C.12580", "C.12940", "C.14460", "C.16740"].flatMap((city) => ["--city", city]);
    const mounts = [`--volume=${root}/catalog:/catalog:ro`, `--volume=${directory}:/data`, "--entrypoint=simulate"];
    const what = ["--cities", "/catalog/ryan-white.yaml", "--draws", "8", "--output", "/data", ...cities];
    await podman(...apart, ...mounts, images.r, ...what);
    return directory;
  });
  return sample;
}

let weather: Promise<string> | undefined;

/** Three stations, simulated by the foreign program's image. */
export function weatherData(): Promise<string> {
  weather ??= dataDirectory().then(async (directory) => {
    const mounts = [`--volume=${directory}:/data`, "--entrypoint=Rscript"];
    await podman(...apart, ...mounts, images.weather, "simulate.R", "/data", "S.1", "S.2", "S.3");
    return directory;
  });
  return weather;
}
