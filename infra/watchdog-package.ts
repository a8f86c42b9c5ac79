/** The watchdog's code as one file, bundled by the program itself: no build step, nothing to forget. */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildSync } from "esbuild";
import { UnavailableError } from "../runner/errors.ts";
import { root } from "../runner/root.ts";
import { version } from "../runner/version.ts";

/** File and exported function, as Lambda wants them. */
export const watchdogHandler = "runner/watchdog.handler";

/** The package: below `runner/` as in the checkout, since code finds package.json one directory above its own. */
export function watchdogPackage(): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({
    "runner/watchdog.mjs": new pulumi.asset.StringAsset(bundle(join(root, "runner", "watchdog", "handler.ts"))),
    "package.json": new pulumi.asset.StringAsset(JSON.stringify({ name: "replot", version, type: "module" })),
  });
}

/** Packages that call `require` find one. */
const requireInModules = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** @throws UnavailableError with what the bundler says */
export function bundle(entryPoint: string): string {
  const { outputFiles, errors } = buildSync({
    entryPoints: [entryPoint],
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    banner: { js: requireInModules },
    minify: true,
    // a trace in the log names functions
    keepNames: true,
    legalComments: "none",
    write: false,
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined)
    throw new UnavailableError(`${entryPoint} can't be bundled: ${errors.map(({ text }) => text).join("; ")}`);
  return file.text;
}
